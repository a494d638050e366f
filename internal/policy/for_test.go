package policy

import "testing"

// TestFor: rights per origin, the first that matches; what is not said is
// inherited.
func TestFor(t *testing.T) {
	t.Parallel()
	const lines = "origins *\nheaders X-A\nmax_age 10m\nexpose X-B\nexcept https://no.a.example\n" +
		"for https://a.example https://*.a.example {\ncredentials\nmethods PUT\n}\n" +
		"for https://x.a.example https://b.example {\nheaders none\nmax_age off\nexpose X-C\n}"
	p := policyOf(t, lines)
	if p.static {
		t.Error("a policy with a `for` depends on the origin")
	}
	for _, c := range []struct {
		origin, allowed, methods, headers, maxAge, expose string
		credentials                                       bool
	}{
		{"https://a.example", "https://a.example", "PUT", "X-A", "600", "X-B", true},
		{"https://x.a.example", "https://x.a.example", "PUT", "X-A", "600", "X-B", true},
		{"https://b.example", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "", "", "X-C", false},
		{"https://c.example", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", "600", "X-B", false},
		{"null", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", "600", "X-B", false},
		{"https://no.a.example", "", "", "", "", "", false},
	} {
		r := preflightFrom(c.origin, "PUT")
		d := p.decide(&r)
		if d.AllowOrigin != c.allowed || d.AllowMethods != c.methods || d.AllowHeaders != c.headers {
			t.Errorf("%s: got %+v", c.origin, d)
		}
		if (d.Permissions != nil) != (c.allowed != "") || d.Permissions != nil &&
			(d.Permissions.Credentials != c.credentials || d.Permissions.maxAge != c.maxAge || d.Permissions.Expose != c.expose) {
			t.Errorf("%s: got %+v", c.origin, d.Permissions)
		}
	}
}

// TestForWithoutCredentials: an origin may have none under a policy with them.
func TestForWithoutCredentials(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "origins https://a.example\ncredentials\nfor http://b.example {\ncredentials false\n}")
	r := getFrom("http://b.example")
	if d := p.decide(&r); d.Permissions == nil || d.Permissions.Credentials {
		t.Errorf("got %+v", d)
	}
}
