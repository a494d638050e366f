// Package check plays the browser against a server and tells people what came
// of it: the transport to live servers, the words, and the JSON.
//
// What a browser does is in package browser; this one only asks it.
package check

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Question is what a page would ask for.
type Question struct {
	URL         string
	Origin      string
	Method      string
	Headers     []string // "Name: value"
	Credentials bool
}

// UsageError is an error in the question itself: exit status 2.
type UsageError struct{ text string }

func (u UsageError) Error() string { return u.text }

func usagef(format string, args ...any) error { return UsageError{fmt.Sprintf(format, args...)} }

// Parse reads the question as a browser would be asked it. The error names
// everything that is wrong with it.
func (q Question) Parse() (browser.Page, browser.Request, error) {
	var errs []error
	r := browser.Request{Method: q.Method, URL: q.URL}
	if q.Credentials {
		r.Credentials = browser.CredentialsInclude
	}
	if err := ValidateURL(q.URL); err != nil {
		errs = append(errs, err)
	}
	if isWebSocket(q.URL) {
		r.Mode = browser.ModeWebSocket
		if method := browser.NormalizeMethod(q.Method); method != "" && method != http.MethodGet || len(q.Headers) > 0 {
			errs = append(errs, usagef("a page that opens a WebSocket chooses neither method nor headers; remove --method and --header"))
		}
	}
	if q.Method != "" && !browser.IsMethod(q.Method) {
		errs = append(errs, usagef("--method %q is not an HTTP method; write for example PUT", q.Method))
	}
	page := browser.Page{}
	switch o, err := browser.ParseOrigin(q.Origin); {
	case q.Origin == "":
		errs = append(errs, usagef("--origin is missing; give the page's origin, for example --origin https://app.example.com"))
	case err != nil:
		errs = append(errs, usagef("--origin: %v", err))
	default:
		page.Origin = o
	}
	for _, line := range q.Headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !browser.IsMethod(name) { // methods and names are both tokens
			errs = append(errs, usagef("--header %q is not a header; write --header 'Name: value'", line))
			continue
		}
		if strings.ContainsAny(value, "\r\n\x00") {
			errs = append(errs, usagef("--header %q has a line break or a NUL in its value; remove it", line))
			continue
		}
		r.Headers = append(r.Headers, [2]string{name, strings.Trim(value, " \t")})
	}
	return page, r, errors.Join(errs...)
}

// isWebSocket reports whether a URL is one of a WebSocket. Schemes know no case.
func isWebSocket(s string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), ":")
	return scheme == "ws" || scheme == "wss"
}

// ValidateURL says what is wrong with the URL of a question.
func ValidateURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return usagef("%q is not a URL: %v", s, errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https" && !isWebSocket(s):
		return usagef("%q is not an http or https URL (nor ws or wss, for a WebSocket); write for example https://api.example.com/path", s)
	case u.Host == "" || u.Hostname() == "":
		return usagef("%q has no host; write for example https://api.example.com/path", s)
	case u.User != nil:
		return usagef("%q has a user name or password in it, which browsers refuse in fetch(); send --header 'Authorization: …' instead", u.Redacted())
	}
	if err := browser.CheckURL(s); err != nil {
		return usagef("%v", err)
	}
	return nil
}
