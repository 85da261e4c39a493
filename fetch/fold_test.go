package fetch

import "testing"

// slowEqualFold is equalFold byte by byte.
func slowEqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

func TestFoldingEightBytesAgreesWithFoldingOne(t *testing.T) {
	for x := range 256 {
		for y := range 256 {
			a, b := "Ab-c_Z\xc1"+string([]byte{byte(x)}), "aB-C_z\xc1"+string([]byte{byte(y)})
			if got, want := equalFold(a, b), slowEqualFold(a, b); got != want {
				t.Fatalf("equalFold(%q, %q) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func FuzzEqualFold(f *testing.F) {
	f.Add("Access-Control-Allow-Origin", "access-control-allow-origin")
	f.Add("@bcdefgh", "`bcdefgh")
	f.Fuzz(func(t *testing.T, a, b string) {
		if got, want := equalFold(a, b), slowEqualFold(a, b); got != want {
			t.Fatalf("equalFold(%q, %q) = %v, want %v", a, b, got, want)
		}
	})
}
