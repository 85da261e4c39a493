// Package seclude runs a command in Linux namespaces of its own: a network that is the loopback alone, processes that end
// with the command, however that ends, and a folder for temporary files that is gone with them. The files of the machine are
// there as they are outside.
//
// The command runs its own program a second and a third time. The second is the first process of the namespaces: it sets
// them up, and waits. The third is the command itself.
package seclude
