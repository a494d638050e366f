package browser

import (
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// What the tests of this package reach into it for.
var (
	CORSCheck              = corsCheck
	ExposedNames           = exposedNames
	IsSafelistedMethod     = httpwords.IsSafelistedMethod
	SerializeRequestOrigin = serializeRequestOrigin
)

// NeedsPreflight lists what makes the request ask first.
func NeedsPreflight(r Request) []Cause {
	kept, _, bad := pageHeaders(r.Headers, r.Mode)
	if bad != nil {
		return nil
	}
	return preflightCauses(NormalizeMethod(orDefault(r.Method, "GET")), kept, r.UseCORSPreflight, r.ByPlatform)
}

// OriginOf returns the origin of an absolute URL.
func OriginOf(s string) (Origin, error) {
	u, err := parseURL(s, nil)
	if err != nil {
		return Origin{}, err
	}
	return originOf(u), nil
}
