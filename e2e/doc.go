// Package e2e lets real browsers judge the cors handler.
//
// A page in Chromium, Firefox and WebKitGTK asks a Caddy with the handler what
// pages of many origins ask, and posts back what it could read; the server
// writes down what came over the wire. Both are compared with what the table
// says by hand and with what the simulator of internal/browser says of the same
// server. docs/browsers.md says how to run it and where an engine differs from
// the standard.
package e2e
