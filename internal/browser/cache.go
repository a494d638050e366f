package browser

import (
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// PreflightCache is what a browser remembers of preflights (#concept-cache). A command asks one question and so has
// none; package browsertest has one for the tests.
type PreflightCache interface {
	// MatchMethod reports whether the cache grants the method (#concept-cache-match-method).
	MatchMethod(key CacheKey, method string) bool
	// MatchHeader reports whether the cache grants the header (#concept-cache-match-header).
	MatchHeader(key CacheKey, name string) bool
	// Store keeps what an answer grants, for as long as its Access-Control-Max-Age says (step 19).
	Store(key CacheKey, methods, headers []string, answer Headers)
	// Clear drops what is known of the origin and URL, whatever the credentials (step 20, #concept-cache-clear).
	Clear(key CacheKey)
}

// CacheKey is what an entry of the preflight cache is bound to (#cache-entry).
type CacheKey struct {
	Partition   string
	Origin      string // as serialized in the request: null after a tainting redirect
	URL         string
	Credentials bool // the mode is include
}

func (f *flight) cacheKey() CacheKey {
	return CacheKey{
		Partition:   f.page.Partition,
		Origin:      f.origin(),
		URL:         f.url().String(),
		Credentials: f.credentials == CredentialsInclude,
	}
}

// cacheCovers is step 8 (#concept-http-fetch). GET, HEAD and POST need an entry only if the flag is set.
func (f *flight) cacheCovers() bool {
	if f.cache == nil {
		return false
	}
	key := f.cacheKey()
	needsMethod := f.flag || !httpwords.IsSafelistedMethod(f.method)
	if needsMethod && !f.cache.MatchMethod(key, f.method) {
		return false
	}
	for _, name := range UnsafeRequestHeaderNames(f.headers) {
		if !f.cache.MatchHeader(key, name) {
			return false
		}
	}
	return true
}

// remember is step 19. The cache reads Access-Control-Max-Age, because the longest age is the browser's own
// (step 18).
func (f *flight) remember(granted grant, answer Headers) {
	if f.cache != nil {
		f.cache.Store(f.cacheKey(), granted.methods, granted.headers, answer)
	}
}
