package httpwords

import "net/http"

// tokenBytes are the bytes of a token (RFC 9110, section 5.6.2): of methods
// and header names.
var tokenBytes = func() (table [256]bool) {
	for _, b := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		table[b] = true
	}
	return table
}()

// BadTokenByte returns the index of the first byte that no token may have, or
// -1.
func BadTokenByte(s string) int {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return i
		}
	}
	return -1
}

// IsToken reports whether s is a token (RFC 9110, section 5.6.2).
func IsToken(s string) bool { return s != "" && BadTokenByte(s) < 0 }

// IsSafelistedMethod reports whether a method is a CORS-safelisted one (Fetch).
// These three need no listing, and leaving one out does not forbid it.
func IsSafelistedMethod(m string) bool {
	return m == http.MethodGet || m == http.MethodHead || m == http.MethodPost
}

// IsForbiddenMethod reports whether browsers never let a page use a method
// (Fetch, forbidden method).
func IsForbiddenMethod(m string) bool {
	return EqualNames(m, http.MethodConnect) || EqualNames(m, http.MethodTrace) || EqualNames(m, "TRACK")
}

// NormalizeMethod returns a method as browsers send it (Fetch, normalize).
// Nothing but these six is upper-cased: `patch` stays `patch`.
func NormalizeMethod(m string) string {
	for _, known := range [...]string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut,
	} {
		if EqualNames(m, known) {
			return known
		}
	}
	return m
}
