package matrix_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// TestFieldsWanted: a value that fits for each field that a matcher wants, which of
// them a page sets, and what the browser adds.
func TestFieldsWanted(t *testing.T) {
	for name, c := range map[string]struct{ matcher, fields, page, besides, preflight, wanted string }{
		"none":           {"path /x", "[]", "[]", "[]", "[]", "[]"},
		"an origin":      {"header Origin https://app.example.com", "[]", "[]", "[]", "[]", "[]"},
		"a key":          {"header X-Api-Key abc", "[{X-Api-Key abc}]", "[[X-Api-Key abc]]", "[]", "[]", "[X-Api-Key]"},
		"a part":         {"header X-Kind *json*", "[{X-Kind json}]", "[[X-Kind json]]", "[]", "[]", "[X-Kind]"},
		"any":            {"header X-Api-Key *", "[{X-Api-Key 1}]", "[[X-Api-Key 1]]", "[]", "[]", "[X-Api-Key]"},
		"none allowed":   {"header !X-Api-Key", "[]", "[]", "[]", "[]", "[]"},
		"an expression":  {"header_regexp X-Requested-With ^XMLHttp", "[{X-Requested-With XMLHttp}]", "[[X-Requested-With XMLHttp]]", "[]", "[]", "[X-Requested-With]"},
		"a placeholder":  {"header X-Api-Key {env.NOT_SET_AT_ALL}x", "[]", "[]", "[]", "[]", "[X-Api-Key]"},
		"a type":         {"header Content-Type application/*", "[{Content-Type application/json}]", "[[Content-Type application/json]]", "[]", "[]", "[Content-Type]"},
		"any Accept":     {"header Accept *", "[{Accept */*}]", "[[Accept */*]]", "[]", "[]", "[]"},
		"an Accept":      {"header Accept *json*", "[{Accept application/json}]", "[[Accept application/json]]", "[]", "[]", "[Accept]"},
		"a rare Accept":  {"header Accept text/csv", "[{Accept text/csv}]", "[[Accept text/csv]]", "[]", "[]", "[Accept]"},
		"a browser":      {"header User-Agent *Embedded*", "[{User-Agent Embedded}]", "[]", "[[User-Agent Embedded]]", "[[User-Agent Embedded]]", "[]"},
		"a mode":         {"header Sec-Fetch-Mode cors", "[{Sec-Fetch-Mode cors}]", "[]", "[[Sec-Fetch-Mode cors]]", "[[Sec-Fetch-Mode cors]]", "[]"},
		"another mode":   {"header Sec-Fetch-Mode navigate", "[]", "[]", "[]", "[]", "[]"},
		"a referrer":     {"header Referer *x*", "[{Referer }]", "[]", "[[Referer https://app.example.com/]]", "[[Referer https://app.example.com/]]", "[]"},
		"a cookie":       {"header Cookie *session*", "[{Cookie session}]", "[]", "[[Cookie session]]", "[]", "[Cookie]"},
		"a handshake":    {"header Upgrade websocket", "[]", "[]", "[]", "[]", "[Upgrade]"},
		"two":            {"{\nheader X-A a*\nheader_regexp X-B ^b[0-9]\n}", "[{X-A a} {X-B b1}]", "[[X-A a] [X-B b1]]", "[]", "[]", "[X-A X-B]"},
		"one of several": {"header X-A a b", "[{X-A a}]", "[[X-A a]]", "[]", "[]", "[X-A]"},
		"in CEL":         {"expression `path('/x') && {header.X-Api-Key} == 'abc'`", "[{X-Api-Key abc}]", "[[X-Api-Key abc]]", "[]", "[]", "[X-Api-Key]"},
		"or, in CEL":     {"expression `{header.X-Api-Key} == 'abc' || path('/x')`", "[]", "[]", "[]", "[]", "[]"},
		"not":            {"not header X-A a", "[]", "[]", "[]", "[]", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "one of several" {
				c.matcher = "{\nheader X-A a\nheader X-A b\n}"
			}
			all, _ := sites(t, "a.example {\n@m "+c.matcher+"\nheader @m Access-Control-Allow-Origin *\n}\n")
			h := all[0].Operations[0].Handler
			q := matrix.Question{Origin: "https://app.example.com", Fields: matrix.FieldsWanted(h)}
			for what, pair := range map[string][2]string{
				"fields":    {fmt.Sprint(q.Fields), c.fields},
				"page":      {fmt.Sprint(q.PageHeaders()), c.page},
				"besides":   {fmt.Sprint(q.Besides(browser.Sent{Credentials: true})), c.besides},
				"preflight": {fmt.Sprint(q.Besides(browser.Sent{Preflight: true})), c.preflight},
				"wanted":    {fmt.Sprint(matrix.HeadersWanted(h)), c.wanted},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %s, want %s", what, pair[0], pair[1])
				}
			}
		})
	}
}

// TestKeys: what pages set, and two at most.
func TestKeys(t *testing.T) {
	for lines, want := range map[string][]matrix.Key{
		"@m header Cookie *\nrespond @m ok":                                                           nil,
		"@m header Accept *json*\nrespond @m ok":                                                      nil,
		"@m not header Authorization *\nrespond @m 401":                                               {{Name: "Authorization", Value: "Bearer x"}},
		"@m header_regexp X-Api-Key ^K[0-9]+$\nrespond @m ok":                                         {{Name: "X-Api-Key", Value: "K1"}},
		"@m header X-A a\n@n header X-B b\n@o header X-C c\nrespond @m a\nrespond @n b\nrespond @o c": {{Name: "X-A", Value: "a"}, {Name: "X-B", Value: "b"}},
	} {
		if all, _ := sites(t, "a.example {\n"+lines+"\n}\n"); !slices.Equal(all[0].Keys, want) {
			t.Errorf("%s: %v", lines, all[0].Keys)
		}
	}
}
