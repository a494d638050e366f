// Package endurance has the tests that put a real Caddy under mixed load for a
// time: with a reload of its configuration every second, upstreams that die and
// come back, and lists of origins that change. The oracle (internal/oracle) judges
// every response, and nothing may be dropped, or grow.
//
// `go test ./...` runs a short form. CORS_ENDURE=10m makes it last longer.
package endurance
