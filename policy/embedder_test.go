package policy

import "testing"

func TestEmbedderPoliciesWithNumbersCountForNoneWhereTheyAreUnknown(t *testing.T) {
	unknown := Profile{EmbedderPolicyNumbersUnknown: true, CredentiallessUnknown: true}
	for _, tt := range []struct {
		name, value        string
		standard, departed EmbedderPolicy
	}{
		{"no parameter", "require-corp", RequireCORP, RequireCORP},
		{"a token and a boolean", "require-corp; a=b; c=?0; d", RequireCORP, RequireCORP},
		{"an integer", "require-corp; a=1", RequireCORP, UnsafeNone},
		{"a negative number behind others", "require-corp;a=b;c=-1.5", RequireCORP, UnsafeNone},
		{"a byte sequence", "require-corp; a=:YQ==:", RequireCORP, UnsafeNone},
		{"what looks like a number within a string", `require-corp; a="b=1"`, RequireCORP, RequireCORP},
		{"a number behind a string that ends in a backslash", `require-corp; a="\\"; b=1`, RequireCORP, UnsafeNone},
		{"what looks like a number behind an escaped quote", `require-corp; a="\"=1"`, RequireCORP, RequireCORP},
		{"credentialless", "credentialless", Credentialless, UnsafeNone},
		{"a malformed header", "require-corp; a=", UnsafeNone, UnsafeNone},
		{"no policy", "unsafe-none; a=1", UnsafeNone, UnsafeNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := new(Profile).PageEmbedderPolicy(tt.value); got != tt.standard {
				t.Errorf("by the standard %q is %v, want %v", tt.value, got, tt.standard)
			}
			if got := unknown.PageEmbedderPolicy(tt.value); got != tt.departed {
				t.Errorf("%q is %v where numbers and credentialless are unknown, want %v", tt.value, got, tt.departed)
			}
		})
	}
}
