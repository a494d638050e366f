package cors

import "github.com/caddyserver/caddy/v2"

// Rights are what the pages of an origin may do.
type Rights struct {
	// Whether pages may send cookies, HTTP authentication and client
	// certificates, and read the answer. Default: false.
	Credentials *bool `json:"credentials,omitempty"`

	// The methods that pages may use, case-sensitive; `*` for all. GET, HEAD
	// and POST need no listing. An empty list (or `none`) allows no others.
	// Default: GET, HEAD, POST, PUT, PATCH, DELETE.
	Methods []string `json:"methods,omitzero"`

	// The request headers that pages may set, beyond those that are always
	// allowed; `*` for all but Authorization. An empty list (or `none`) allows
	// no others. Default: `*` and Authorization.
	Headers []string `json:"headers,omitzero"`

	// The response headers that pages may read, beyond those that are always
	// readable; `*` for all. Default: none.
	Expose []string `json:"expose,omitzero"`

	// How long browsers may keep the answer to a preflight, in whole seconds.
	// Negative: send no header, so that browsers use their own 5 seconds.
	// Default: 2h, the most that Chromium keeps.
	MaxAge *caddy.Duration `json:"max_age,omitempty"`
}

// For gives some origins rights of their own.
type For struct {
	// The origins and patterns; they are allowed, and need not be among the
	// policy's origins. Required.
	Origins []string `json:"origins"`

	// What differs; the rest is the policy's.
	Rights
}
