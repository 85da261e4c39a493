package main

import (
	"slices"
	"testing"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/simulator"
)

// Shrinking must not wander off to another difference, so kinds tell differences apart, but not where they stand.
func TestKindsOfDifferences(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    simulator.Difference
		want []string
	}{
		{"a field of the outcome", simulator.Difference{Key: "verdict", Got: `"allowed"`, Want: `"blocked"`}, []string{"verdict"}},
		{"a line that one side has", simulator.Difference{Key: "sent[3].headers", Got: `["origin: null","x-a: 1"]`, Want: `["x-a: 1"]`}, []string{"sent.headers origin"}},
		{"a line that both have with another value", simulator.Difference{Key: "headers", Got: `["x-a: 1"]`, Want: `["x-a: 2"]`}, []string{"headers x-a", "headers x-a"}},
		{"a method that was sent", simulator.Difference{Key: "sent[0].method", Got: `"PUT"`, Want: `"OPTIONS"`}, []string{"sent.method"}},
		{"how many were sent", simulator.Difference{Key: "sent", Got: `[]`, Want: `[{"method":"GET"}]`}, []string{"sent"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := differenceKinds(&lab.Trial{Differences: [][]simulator.Difference{nil, {tt.d}}})
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
