package origin

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// hints lists values that are no patterns. A want that holds "://" is the exact
// proposal; the others are parts of the message.
var hints = []struct {
	value string
	wants string // separated by "|"
}{
	// Words.
	{"", "is empty"},
	{"*", "write * alone"},
	{"null", "sandboxed frame|any attacker"},
	{"any", "not an origin|to allow every origin write *"},
	{"all", "to allow every origin write *"},
	{"ALL", "to allow every origin write *"},
	{"**", "to allow every origin write *"},
	{"true", "to allow every origin write *"},
	{"false", "not an origin|remove it"},
	{"none", "not an origin|remove it"},
	{"self", "a page on the site itself needs no CORS"},
	{"'self'", "a page on the site itself needs no CORS"},
	{"same-origin", "a page on the site itself needs no CORS"},

	// More than an origin.
	{"https://example.com/", "ends with a slash|never match|https://example.com"},
	{"https://example.com/a/b", `a path ("/a/b")|https://example.com`},
	{"https://example.com/*", `a path ("/*")|https://example.com`},
	{"https://*.example.com/", "ends with a slash|https://*.example.com"},
	{"https://example.com?x=1", `a query ("?x=1")|https://example.com`},
	{"https://example.com/?x=1", `a path ("/?x=1")|https://example.com`},
	{"https://example.com#x", `a fragment ("#x")|https://example.com`},
	{"https://user:pw@example.com", `a user name|"user:pw@"|treat that password as leaked|https://example.com`},
	{"https://user@example.com", `a user name|"user@"|https://example.com`},
	{"https://example.com\\evil", "contains a backslash|https://example.com"},

	// Schemes.
	{"example.com", "has no scheme|https://example.com"},
	{"*.example.com", "has no scheme|https://*.example.com"},
	{"example.com:8443/x", "has no scheme|https://example.com:8443"},
	{"example.com:80", "has no scheme|http://example.com"},
	{"localhost", "has no scheme|http://localhost"},
	{"localhost:3000", `has no scheme ("localhost" is read as one)|http://localhost:3000`},
	{"localhost:*", "has no scheme|http://localhost:*"},
	{"app.localhost:3000", "has no scheme|http://app.localhost:3000"},
	{"127.0.0.1:3000", "has no scheme|http://127.0.0.1:3000"},
	{"[::1]:3000", "has no scheme|http://[::1]:3000"},
	{"https:256", "needs two slashes after https:|https://0.0.1.0"},
	{"data:8080", "has no scheme|https://data:8080"},
	{"mple.com", "has no scheme|https://mple.com"},
	{"//example.com", "no scheme before //|https://example.com"},
	{"://example.com", "no scheme before //|https://example.com"},
	{"https:/example.com", "needs two slashes after https:|https://example.com"},
	{"https//example.com", "has no colon after https|https://example.com"},
	{"http//localhost:3000/x", "has no colon after http|http://localhost:3000"},
	{"https:example.com", "needs two slashes after https:|https://example.com"},
	{"https:///example.com", "needs two slashes after https:|https://example.com"},
	{"https:\\\\example.com", "backslash|https://example.com"},
	{"https://https://example.com", "a scheme twice|https://example.com"},
	{"//https://example.com", "// in front of its scheme|https://example.com"},
	{"HTTPS://example.com", "upper-case letters in its scheme|https://example.com"},
	{"1http://example.com", "does not start with a letter"},
	{strings.Repeat("s", 65) + "://a", "more than 64 bytes"},
	{"*://example.com", "wildcard in its scheme|the http and the https origin one by one"},
	{"http*://example.com", "wildcard in its scheme"},
	{"file:///srv/app", "origin null|never match"},
	{"FILE:///srv/app", "origin null"},
	{"data:text/html", "data: pages have the origin null"},
	{"data:text/html,(x)", "data: pages have the origin null"},
	{"about:blank", "about: address"},
	{"javascript:alert(1)", "javascript: address"},
	{"blob:https://example.com/0-1", "the page that made it|https://example.com"},
	{"blob:null/0-1", "the page that made it"},
	{"ftp://example.com", "no browser opens pages over FTP"},
	{"ws://example.com", "no browser sends|CORS does not govern WebSockets|http://example.com"},
	{"wss://example.com:443", "CORS does not govern WebSockets|https://example.com"},
	{"wss://*.example.com", "CORS does not govern WebSockets|https://*.example.com"},

	// Ports.
	{"https://example.com:443", "default port of https, 443|never match|https://example.com"},
	{"http://example.com:80", "default port of http, 80|http://example.com"},
	{"https://**.example.com:443", "default port|https://**.example.com"},
	{"https://example.com:0443", "leading zero|https://example.com"},
	{"https://example.com:", "a colon without a port|https://example.com"},
	{"https://example.com:65536", "port 65536, which is over 65535"},
	{"https://example.com:0", "port 0"},
	{"https://example.com:08443", `"08443"|leading zero|https://example.com:8443`},
	{"https://example.com:http", `"http"|not a number`},
	{"http://localhost:3000-3010", `"3000-3010"|range|list the ports one by one, or write :*`},
	{"http://localhost:30*", `"30*"|list the ports one by one, or write :*`},
	{"https://example.com:443:443", "more than one colon"},

	// Hosts.
	{"https://", "has no host"},
	{"https://:8080", "has no host"},
	{"https:///", "has no host"},
	{"https://aaa*.", "without a domain"},
	{"https://*-dev", "without a domain"},
	{"https://*-dev:8443", "without a domain"},
	{"https://münchen.example", `"münchen.example"|not ASCII|https://xn--mnchen-3ya.example`},
	{"https://*.münchen.example", "not ASCII|https://*.xn--mnchen-3ya.example"},
	{"https://ｅｘａｍｐｌｅ.com", "not ASCII|https://example.com"},
	{"https://faß.de", "not ASCII|https://xn--fa-hia.de"},
	{"https://a\u0301\u200d.de", "not ASCII"},
	{"https://xn--f", `"xn--f"|not valid punycode`},
	{"https://*.a.xn--f.example", `"xn--f"|not valid punycode`},
	{"https://Example.com", "upper-case letters in its host|https://example.com"},
	{"https://.example.com", "starts with a dot|*. in front"},
	{"https://a..example.com", "an empty label"},
	{"https://example.com..", "an empty label"},
	{"https://example.com!", `"!"`},
	{"https://example.com%2eevil.com", `"%"`},
	{"https://a" + longestLabel + ".com", "64 bytes|63 are the most"},
	{"https://a" + longestHost[1:] + "a.a", "256 bytes|253 are the most"},

	// IPv4.
	{"http://127.1", `"127.1"|short form|browsers send 127.0.0.1|http://127.0.0.1`},
	{"http://2130706433:80", "short form|http://127.0.0.1"},
	{"http://0x7f.0.0.1", `hexadecimal|"0x7f"|http://127.0.0.1`},
	{"http://0X7F.1", "upper-case|http://127.0.0.1"},
	{"http://127.0.0.01", `"01"|leading zero|http://127.0.0.1`},
	{"http://127.0.0.010", `"010"|leading zero|octal|http://127.0.0.8`},
	{"http://127.0.0.08", `"08"|leading zero`},
	{"http://127.0.0.256", "ends in a number|IPv4|256 is over 255"},
	{"http://256.1", "256 is over 255"},
	{"http://1.2.70000", "its last part is too large"},
	{"http://1.2.3.4.5", "more than four parts"},
	{"https://example.123", `ends in a number|"example" cannot be a part`},
	{"http://127.0.0.1.", "a dot after its IPv4 address|http://127.0.0.1"},

	// IPv6.
	{"http://[::1", "no ] after the IPv6 address|http://[::1]"},
	{"http://[2001:db8::ff:8080x", "no ] after the IPv6 address"},
	{"http://[1:2:3:4:5:6:7:8:8080", "no ]|http://[1:2:3:4:5:6:7:8]:8080"},
	{"http://[::1:8080", "write ] where the address ends"},
	{"http://[::1]evil", `"evil" after the IPv6 address`},
	{"http://[0:0:0:0:0:0:0:1]", "another form|http://[::1]"},
	{"http://[2001:DB8::1]:8080", "another form|http://[2001:db8::1]:8080"},
	{"http://[::ffff:1.2.3.4]", "another form|http://[::ffff:102:304]"},
	{"http://[fe80::1%eth0]", `zone ("%eth0")|http://[fe80::1]`},
	{"http://[::g]", `"::g"|not an IPv6 address`},
	{"https://[example.com]", "only an IPv6 address goes in brackets|https://example.com"},
	{"https://[127.0.0.1]", "https://127.0.0.1"},
	{"http://::1", "without brackets|http://[::1]"},
	{"http://1:2:3:4:5:6:7:8:8080", "without brackets|http://[1:2:3:4:5:6:7:8]:8080"},
	{"http://::1:8080", "without brackets|[ and ]"},

	// Bytes.
	{"https://exa mple.com", "a space (0x20)"},
	{"https://example.com\t", "ends with a tab (0x09)|https://example.com"},
	{" https://example.com ", "starts with a space (0x20)|https://example.com"},
	{"https://example.com\r\nX: y", "a line break (0x0D)"},
	{"https://example.com\n", "a line break (0x0A)|https://example.com"},
	{"https://example.com\x00", "a control byte (0x00)|https://example.com"},
	{"https://exa\x7fmple.com", "a control byte (0x7F)"},
	{"\ufeffhttps://example.com", "U+FEFF|https://example.com"},
	{"https://exa\u200bmple.com", "U+200B"},
	{"https://exa\xffmple.com", "0xFF|not UTF-8"},
	{" ", "a space (0x20)"},
	{`"https://example.com"`, "quotes|https://example.com"},
	{"'https://example.com", "quotes|https://example.com"},
	{"“https://example.com/”", "quotes|https://example.com"},
	{"https://example.com,", "comma or semicolon|https://example.com"},
	{"https://example.com;", "comma or semicolon|https://example.com"},
	{"https://a.example;https://b.example", `";"|separate origins with spaces`},
	{strings.Repeat("a", 5000), "5000 bytes"},

	// Wildcards.
	{"https://api.*.example.com", "not in the leftmost label|origin_regexp"},
	{"https://foo*.com", "a dot is missing|anybody can take"},
	{"https://*-shop.co.uk", "a dot is missing|https://*.shop.co.uk"},
	{"https://a*b*.example.com", "more than one *|one stands for"},
	{"https://*foo.*.com", "more than one *|origin_regexp"},
	{"h*", "no scheme"},
	{"http://dev-*", "right after its host"},
	{"https://.", "empty label"},
	{"app://.:80", "empty label"},
	{"https://*.*.example.com", "more than one wildcard|https://**.example.com"},
	{"https://***.example.com", "more than one wildcard|https://**.example.com"},
	{"https://example.*", "anyone can register|example.evil"},
	{"https://*.example.*", "anyone can register"},
	{"https://example.com*", "anyone can register|example.com.evil.net"},
	{"https://*example.com", "a dot is missing|https://*.example.com"},
	{"https://*", "names no host|to allow every origin write *"},
	{"https://*:8080", "names no host|to allow every origin write *"},
	{"https://*.", "names no host"},
	{"https://*.*", "names no host"},
	{"https://*." + longestHost, "no label fits there"},
	{"http://*.127.0.0.1", "an IP address, which has no subdomains|http://127.0.0.1"},
	{"http://*.[::1]", "an IP address, which has no subdomains|http://[::1]"},

	// Expressions.
	{`^https://.*\.example\.com$`, "regular expression|origin_regexp"},
	{"https://(a|b).example.com", "regular expression|origin_regexp"},
	{"https://.*.example.com", "regular expression|origin_regexp"},
	{`https://[a-z]+\.example\.com`, "regular expression|origin_regexp"},
}

func TestHints(t *testing.T) {
	for _, test := range hints {
		_, err := ParsePattern(test.value)
		if err == nil {
			t.Errorf("ParsePattern(%q) accepts", test.value)
			continue
		}
		proposal := ""
		for want := range strings.SplitSeq(test.wants, "|") {
			if strings.Contains(want, "://") {
				proposal = want
			} else if !strings.Contains(err.Error(), want) {
				t.Errorf("ParsePattern(%.80q): %v: want %q in it", test.value, err, want)
			}
		}
		checkMistake(t, test.value, err)
		if m, ok := errors.AsType[*mistake](err); ok && m.propose != proposal {
			t.Errorf("ParsePattern(%.80q): %v: want %q proposed", test.value, err, proposal)
		}
	}
}

// TestMessyValues throws together what people write, and more of it than anyone
// would: every message must hold, and no mistake may go unnamed.
func TestMessyValues(t *testing.T) {
	r := random(t)
	pieces := strings.Fields(`https http :// : // / example.com EXAMPLE a *. **. * . .. @ user:pw@ ?x #y \ [::1] [ ] ::1 fe80::1 %eth0
		127.0.0.1 127.1 0x7f 01 256 1 :443 :80 :8080 :0 :00080 :99999 :* münchen xn--f xn--mnchen-3ya ß 。 ｅ %41 ! _ - localhost
		$ ^ ws file: data: blob: null any " ' , ( é א 1.2.3.4 -30 + ; { “`)
	pieces = append(pieces, " ", "\t", "\x00", "\xff", "\u200b", "\u200d", "\u00ad", "\ufeff")
	for range 50_000 {
		value := []string{"https://", "http://", "", "https:", "HTTP://"}[r.IntN(5)]
		for range 1 + r.IntN(4) {
			value += pieces[r.IntN(len(pieces))]
		}
		p, err := ParsePattern(value)
		if err == nil {
			if p.String() != value {
				t.Errorf("%q is written %q", value, p)
			}
			continue
		}
		checkMistake(t, value, err)
		if strings.Contains(err.Error(), vague) {
			t.Errorf("no check finds what is wrong: %v", err)
		}
	}
}

// checkMistake holds what is true of every error of ParsePattern.
func checkMistake(t *testing.T, value string, err error) {
	t.Helper()
	m, ok := errors.AsType[*mistake](err)
	if !ok {
		t.Fatalf("%q: the error is a %T", value, err)
	}
	text := err.Error()
	switch {
	case m.value != value || m.problem == "" || m.cure == "":
		t.Errorf("%q: a part is missing: %+v", value, m)
	case !strings.HasPrefix(text, "origin "+quote(value)+" "):
		t.Errorf("%q: the value is not quoted: %s", value, text)
	case len(value) <= MaxLength && !strings.Contains(text, strconv.Quote(value)):
		t.Errorf("%q: the value is not quoted whole: %s", value, text)
	case strings.ContainsAny(text, "\n\r\t\x00"):
		t.Errorf("%q: the message is more than a line: %q", value, text)
	case m.propose != "" && !strings.HasSuffix(text, "did you mean "+m.propose+"?"):
		t.Errorf("%q: the proposal %q is not in the message: %s", value, m.propose, text)
	}
	if m.propose != "" {
		if _, err := ParsePattern(m.propose); err != nil {
			t.Errorf("%q: the proposal does not parse: %v", value, err)
		}
	}
}
