package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The limits of the safelist, in bytes of header values.
const (
	maxSafeValue = 128
	maxSafeSum   = 1024
)

// unsafeBytes are the delimiters of a CORS-unsafe request-header byte; control bytes but tab come on top.
const unsafeBytes = "\"():<>?@[\\]{}\x7F"

var safeMIMETypes = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// IsSafelistedRequestHeader reports whether a page may send the header without asking, because a form or a media
// element could send it too (#cors-safelisted-request-header).
func IsSafelistedRequestHeader(name, value string) bool { return unsafeWhy(name, value) == "" }

// unsafeWhy says why a header is not safelisted; empty if it is.
func unsafeWhy(name, value string) string {
	judge := map[string]func(string) string{
		"accept":           unsafeByte,
		"accept-language":  unsafeLanguage,
		"content-language": unsafeLanguage,
		"content-type":     unsafeContentType,
		"range":            unsafeRange,
	}[lower(name)]
	switch {
	case judge == nil:
		return "is not on the safelist"
	case len(value) > maxSafeValue:
		return fmt.Sprintf("has a value of %d bytes, more than %d", len(value), maxSafeValue)
	}
	return judge(value)
}

func unsafeByte(value string) string {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || strings.IndexByte(unsafeBytes, c) >= 0 {
			return fmt.Sprintf("contains the unsafe byte %q", c)
		}
	}
	return ""
}

func unsafeLanguage(value string) string {
	for i := range len(value) {
		if c := value[i]; !isAlphanumeric(c) && strings.IndexByte(" *,-.;=", c) < 0 {
			return fmt.Sprintf("contains %q, which no language list needs", c)
		}
	}
	return ""
}

func unsafeContentType(value string) string {
	if why := unsafeByte(value); why != "" {
		return why
	}
	essence, ok := mimeEssence(value)
	if !ok {
		return fmt.Sprintf("has the value %q, which is not a MIME type", value)
	}
	if slices.Contains(safeMIMETypes, essence) {
		return ""
	}
	return fmt.Sprintf("says %s, which no form can send", essence)
}

// mimeEssence parses a MIME type as far as the essence (https://mimesniff.spec.whatwg.org/#parse-a-mime-type). The
// mime package does not serve: it refuses "text/plain;garbage", where browsers ignore bad parameters.
func mimeEssence(value string) (string, bool) {
	essence, _, _ := strings.Cut(value, ";")
	essence = strings.Trim(essence, tabOrSpace+"\r\n")
	kind, sub, _ := strings.Cut(essence, "/")
	return lower(essence), httpwords.IsToken(kind) && httpwords.IsToken(sub)
}

// unsafeRange accepts bytes=N- and bytes=N-M with N <= M (#simple-range-header-value without white space). It
// compares digits, not numbers: the standard sets no limit to them.
func unsafeRange(value string) string {
	const why = "is not of the form bytes=N- or bytes=N-M"
	interval, ok := strings.CutPrefix(value, "bytes=")
	first, last, dash := strings.Cut(interval, "-")
	if !ok || !dash || !isDigits(first) || last != "" && !isDigits(last) {
		return why
	}
	if last != "" && lessDigits(last, first) {
		return "is a range that ends before it starts"
	}
	return ""
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func lessDigits(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// UnsafeRequestHeaderNames lists, lower-case and sorted, the names that a preflight must ask for
// (#cors-unsafe-request-header-names).
func UnsafeRequestHeaderNames(h Headers) []string {
	causes := unsafeHeaders(h)
	names := make([]string, len(causes))
	for i, cause := range causes {
		names[i] = cause.Name
	}
	return sortedLowercase(names)
}

// unsafeHeaders finds the headers that cause a preflight. Safelisted headers do, all together, when their values add
// up to too much: else a page could smuggle any amount of data in many small ones.
func unsafeHeaders(h Headers) []Cause {
	var unsafe, safe []Cause
	sum := 0
	for _, line := range h {
		cause := Cause{Kind: causeHeader, Name: lower(line[0]), Why: unsafeWhy(line[0], line[1])}
		if cause.Why != "" {
			unsafe = append(unsafe, cause)
			continue
		}
		safe = append(safe, cause)
		sum += len(line[1])
	}
	if sum > maxSafeSum {
		for _, cause := range safe {
			cause.Why = fmt.Sprintf("is one of the safelisted headers whose values add up to %d bytes, more than %d", sum, maxSafeSum)
			unsafe = append(unsafe, cause)
		}
	}
	return unsafe
}
