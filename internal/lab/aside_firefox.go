package lab

// firefoxAside is what Firefox does outside of what corsim is a model of.
func firefoxAside() []AsideRule {
	return []AsideRule{}
}
