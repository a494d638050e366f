package lint

// StandardOrder is for the test that compares it with Caddy's own.
var StandardOrder = standardOrder
