package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

func TestSafelistedRequestHeader(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		name, value string
		safe        bool
	}{
		{"Accept", "", true},
		{"ACCEPT", long(128), true},
		{"accept", long(129), false},
		{"accept", "text/html, */*;q=0.8\tx", true},
		{"accept", "é", true},
		{"accept-language", long(128), true},
		{"accept-language", long(129), false},
		{"Accept-Language", "en-US, de;q=0.5, *.", true},
		{"accept-language", "en/US", false},
		{"accept-language", "en\tUS", false},
		{"accept-language", "en_US", false},
		{"accept-language", "é", false},
		{"content-language", "az AZ 09", true},
		{"content-language", "a@", false},
		{"content-language", "a`", false},
		{"content-language", "a[", false},
		{"content-type", "text/plain", true},
		{"content-type", "TEXT/Plain", true},
		{"content-type", "text/plain;charset=UTF-8", true},
		{"content-type", "text/plain ;", true},
		{"content-type", "text/plain;garbage", true},
		{"content-type", "text/plain;=;;", true},
		{"content-type", "multipart/form-data; boundary=x", true},
		{"content-type", "application/x-www-form-urlencoded", true},
		{"content-type", "text/plain;" + long(117), true},
		{"content-type", "text/plain;" + long(118), false},
		{"content-type", "application/json", false},
		{"content-type", "application/www-form-urlencoded", false},
		{"content-type", "text/plainx", false},
		{"content-type", "text /plain", false},
		{"content-type", "text/ plain", false},
		{"content-type", "text;/plain", false},
		{"content-type", "text", false},
		{"content-type", "", false},
		{"content-type", "/", false},
		{"content-type", "text/plain,", false},
		{"content-type", ",text/plain", false},
		{"content-type", "text/plain,text/plain", false},
		{"content-type", "text/plain;\x01", false},
		{"content-type", "text/plain;\x7f", false},
		{"content-type", "text/plain; x=\"y\"", false},
		{"content-type", "text/plain\x0b", false},
		{"range", "bytes=0-", true},
		{"Range", "bytes=100-200", true},
		{"range", "bytes=100-100", true},
		{"range", "bytes=9-10", true},
		{"range", "bytes=0010-9", false},
		{"range", "bytes=0009-10", true},
		{"range", "bytes=10-9", false},
		{"range", "bytes=99999999999999999999-100000000000000000000", true},
		{"range", "bytes=100000000000000000000-99999999999999999999", false},
		{"range", "bytes=" + strings.Repeat("9", 61) + "-" + strings.Repeat("9", 60), false},
		{"range", "bytes=1" + strings.Repeat("0", 60) + "-2" + strings.Repeat("0", 60), false}, // 129 bytes
		{"range", "bytes=1" + strings.Repeat("0", 60) + "-2" + strings.Repeat("0", 59), false},
		{"range", "bytes=1" + strings.Repeat("0", 59) + "-2" + strings.Repeat("0", 60), true}, // 128 bytes
		{"range", "bytes=-200", false},
		{"range", "bytes=-", false},
		{"range", "bytes=", false},
		{"range", "bytes=1", false},
		{"range", "bytes=1-2-3", false},
		{"range", "bytes=1-2,4-5", false},
		{"range", "bytes=1-x", false},
		{"range", "bytes=+1-2", false},
		{"range", "Bytes=1-2", false},
		{"range", "bytes =1-2", false},
		{"range", "bytes= 1-2", false},
		{"range", "bytes=1 -2", false},
		{"range", "bytes=1- 2", false},
		{"range", "items=1-2", false},
		{"authorization", "x", false},
		{"last-event-id", "1", false},
		{"x-requested-with", "XMLHttpRequest", false},
		{"user-agent", "x", false},
		{"dpr", "2", false},
		{"save-data", "on", false},
		{"", "", false},
	} {
		if got := browser.IsSafelistedRequestHeader(c.name, c.value); got != c.safe {
			t.Errorf("%s: %q is safelisted: %t, want %t", c.name, c.value, got, c.safe)
		}
	}
}

func TestUnsafeBytes(t *testing.T) {
	for i := range 256 {
		c := byte(i)
		unsafe := c < 0x20 && c != '\t' || strings.IndexByte("\"():<>?@[\\]{}\x7f", c) >= 0
		if got := browser.IsSafelistedRequestHeader("accept", "a"+string([]byte{c})+"b"); got == unsafe {
			t.Errorf("byte %#x is safe: %t", c, got)
		}
		language := c == ' ' || strings.IndexByte("0123456789*,-.;=", c) >= 0 || 'a' <= c|0x20 && c|0x20 <= 'z'
		if got := browser.IsSafelistedRequestHeader("content-language", string([]byte{c})); got != language {
			t.Errorf("byte %#x in a language: %t", c, got)
		}
	}
}

func TestUnsafeRequestHeaderNames(t *testing.T) {
	accept := func(sizes ...int) browser.Headers {
		var h browser.Headers
		for _, n := range sizes {
			h = append(h, [2]string{"Accept", strings.Repeat("a", n)})
		}
		return h
	}
	full := accept(128, 128, 128, 128, 128, 128, 128, 128)
	for name, c := range map[string]struct {
		headers browser.Headers
		want    []string
	}{
		"none":                   {nil, []string{}},
		"safe":                   {header("Accept", "a", "Range", "bytes=0-"), []string{}},
		"sorted and lower":       {header("X-b", "1", "X-A", "1", "x-B", "2", "Authorization", "x"), []string{"authorization", "x-a", "x-b"}},
		"bytewise":               {header("x_a", "1", "x-a", "1", "x~", "1", "X1", "1"), []string{"x-a", "x1", "x_a", "x~"}},
		"one line is unsafe":     {header("Content-Type", "text/plain", "content-type", "a/b"), []string{"content-type"}},
		"1024 bytes":             {full, []string{}},
		"1025 bytes":             {append(slices.Clone(full), header("Accept-Language", "a")...), []string{"accept", "accept-language"}},
		"unsafe do not add up":   {append(slices.Clone(full), header("X-A", "1", "Accept-Language", "")...), []string{"x-a"}},
		"unsafe beside too many": {append(accept(128), append(slices.Clone(full), header("X-A", "1")...)...), []string{"accept", "x-a"}},
	} {
		if got := browser.UnsafeRequestHeaderNames(c.headers); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNeedsPreflight(t *testing.T) {
	for name, c := range map[string]struct {
		request browser.Request
		want    []string
	}{
		"plain":            {browser.Request{}, nil},
		"normalized":       {browser.Request{Method: "post"}, nil},
		"method":           {browser.Request{Method: "patch"}, []string{"method patch is not GET, HEAD or POST"}},
		"flag":             {browser.Request{UseCORSPreflight: true}, []string{"flag use-CORS-preflight is set, as by upload listeners and streamed bodies"}},
		"header":           {browser.Request{Headers: header("X-A", "1")}, []string{"header x-a is not on the safelist"}},
		"content type":     {browser.Request{Headers: header("Content-Type", "a/b;c")}, []string{"header content-type says a/b, which no form can send"}},
		"no MIME type":     {browser.Request{Headers: header("Content-Type", "json")}, []string{`header content-type has the value "json", which is not a MIME type`}},
		"no subtype":       {browser.Request{Headers: header("Content-Type", "text/plain,x")}, []string{`header content-type has the value "text/plain,x", which is not a MIME type`}},
		"long":             {browser.Request{Headers: header("Accept", strings.Repeat("a", 129))}, []string{"header accept has a value of 129 bytes, more than 128"}},
		"byte":             {browser.Request{Headers: header("Accept", "(")}, []string{"header accept contains the unsafe byte '('"}},
		"range":            {browser.Request{Headers: header("Range", "bytes=2-1")}, []string{"header range is a range that ends before it starts"}},
		"forbidden header": {browser.Request{Headers: header("Cookie", "1")}, nil},
		"by the platform":  {browser.Request{Headers: header("Last-Event-ID", "1"), ByPlatform: true}, nil},
		"bad header":       {browser.Request{Headers: header("", "1")}, nil},
	} {
		var got []string
		for _, cause := range browser.NeedsPreflight(c.request) {
			got = append(got, fmt.Sprint(cause))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
