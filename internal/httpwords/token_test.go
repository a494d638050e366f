package httpwords

import "testing"

// TestIsToken: RFC 9110, section 5.6.2.
func TestIsToken(t *testing.T) {
	t.Parallel()
	const special = "!#$%&'*+-.^_`|~"
	for b := range 256 {
		c := byte(b)
		isSpecial := false
		for i := range len(special) {
			isSpecial = isSpecial || special[i] == c
		}
		want := isSpecial || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if got := IsToken("a" + string([]byte{c})); got != want {
			t.Errorf("0x%02x: %t", c, got)
		}
	}
	if IsToken("") || BadTokenByte("ab c,") != 2 || BadTokenByte("abc") != -1 {
		t.Error("the empty string is no token, and the first bad byte counts")
	}
}

// TestMethods: Fetch upper-cases six methods and forbids three in any case.
func TestMethods(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"get": "GET", "Head": "HEAD", "post": "POST", "pUt": "PUT", "delete": "DELETE", "options": "OPTIONS",
		"patch": "patch", "PATCH": "PATCH", "purge": "purge",
	} {
		if got := NormalizeMethod(in); got != want {
			t.Errorf("%s: got %s", in, got)
		}
	}
	for m, want := range map[string]bool{"TRACE": true, "track": true, "Connect": true, "GET": false, "TRACER": false} {
		if IsForbiddenMethod(m) != want {
			t.Errorf("%s is forbidden: %t", m, !want)
		}
	}
	for m, want := range map[string]bool{"GET": true, "HEAD": true, "POST": true, "get": false, "PUT": false} {
		if IsSafelistedMethod(m) != want {
			t.Errorf("%s is safelisted: %t", m, !want)
		}
	}
}
