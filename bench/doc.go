// Package bench measures the handler beside its peers, and inside Caddy's
// chain; README.md says how. All of it is in the tests.
package bench
