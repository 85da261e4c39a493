package policy

import (
	"regexp"
	"strings"
	"testing"
)

func TestEveryStepIsWhole(t *testing.T) {
	code := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	number := regexp.MustCompile(`^([0-9]+(\.[0-9]+)*|match|clear)$`)
	seen := map[string]Step{}
	n := 0
	for s := range Steps {
		n++
		if before, ok := seen[s.Code()]; ok {
			t.Errorf("%d has the code of %d: %s", s, before, s.Code())
		}
		seen[s.Code()] = s
		if !code.MatchString(s.Code()) {
			t.Errorf("%d: the code %q is not dotted words", s, s.Code())
		}
		if !number.MatchString(s.Number()) {
			t.Errorf("%s: %q is no step's number", s.Code(), s.Number())
		}
		if !strings.HasPrefix(s.URL(), "https://") || !strings.Contains(s.URL(), "#") || s.Algorithm().String() == "" {
			t.Errorf("%s: algorithm %q, section %q", s.Code(), s.Algorithm(), s.URL())
		}
		if !strings.HasSuffix(s.Says(), ".") {
			t.Errorf("%s: %q is no sentence", s.Code(), s.Says())
		}
		if s.Fix() != "" && s.OK() {
			t.Errorf("%s: a success needs no remedy", s.Code())
		}
		if strings.HasPrefix(s.Code(), "cors.") && !s.OK() && s.Fix() == "" {
			t.Errorf("%s: a failed CORS check without a remedy", s.Code())
		}
		if back, ok := StepByCode(s.Code()); !ok || back != s {
			t.Errorf("StepByCode(%q) = %v, %v", s.Code(), back, ok)
		}
		if text, err := s.MarshalText(); err != nil || string(text) != s.Code() {
			t.Errorf("%s: MarshalText gives %q, %v", s.Code(), text, err)
		}
	}
	if n != int(stepCount)-1 {
		t.Errorf("%d steps are listed, %d are declared", n, stepCount-1)
	}
}

func TestNoStepIsNoStep(t *testing.T) {
	for _, s := range []Step{0, stepCount, 65535} {
		if s.Code() != "" || s.OK() || s.Ends() || s.String() != "no step" || s.URL() != "" {
			t.Errorf("Step(%d) = %v, %q", s, s, s.Code())
		}
	}
	if s, ok := StepByCode("no.such.code"); ok {
		t.Errorf("StepByCode finds %v under a code that is none", s)
	}
}

func TestANilTraceIsOff(t *testing.T) {
	var off Trace
	if s := off.Add(CORSAllowOriginMissing, "", ""); s != CORSAllowOriginMissing {
		t.Errorf("Add returns %v, want the step it was given", s)
	}
	var got []Event
	on := Trace(func(e Event) { got = append(got, e) })
	on.Add(CORSAllowOriginMismatch, "a", "b")
	if want := (Event{CORSAllowOriginMismatch, "a", "b"}); len(got) != 1 || got[0] != want {
		t.Errorf("the trace got %v, want %v", got, want)
	}
}
