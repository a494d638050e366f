package origins

import (
	"errors"
	"fmt"
	"net/url"
)

// parseAskURL reads the URL that a configuration means by what it says. An error
// quotes only what it says: the rest may hold secrets.
func parseAskURL(raw, written string, perHost bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil && raw == written:
		return nil, fmt.Errorf("url %q cannot be read: %w", written, errors.Unwrap(err))
	case err != nil:
		return nil, fmt.Errorf("url %q cannot be read; write for example http://localhost:8000/cors", written)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("url %q is no http or https URL; write for example http://localhost:8000/cors", written)
	case u.Hostname() == "":
		return nil, fmt.Errorf("url %q has no host; write for example http://localhost:8000/cors", written)
	case u.Fragment != "":
		return nil, fmt.Errorf("url %q has a fragment (#), which is never sent; remove it", written)
	case u.Query().Has(askParameter):
		return nil, fmt.Errorf("url %q has a parameter %q already; remove it, each question adds its own", written, askParameter)
	case perHost && u.Query().Has(askHostParameter):
		return nil, fmt.Errorf("url %q has a parameter %q already; remove it, with per_host each question adds its own", written, askHostParameter)
	}
	return u, nil
}

// What a question adds to the URL.
const (
	askParameter     = "origin"
	askHostParameter = "host" // with per_host
)

// withOrigin returns the URL up to the value of its last parameter, and leaves
// those before it as they were written.
func withOrigin(u url.URL) string {
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += askParameter + "="
	return u.String()
}

// questionURL is the URL of one question.
func (o *askOptions) questionURL(about subject) string {
	u := o.url + url.QueryEscape(about.origin)
	if o.perHost {
		u += "&" + askHostParameter + "=" + url.QueryEscape(about.host)
	}
	return u
}
