package origin

import "strings"

// shape is a state of the automaton that accepts what the search for strangers
// looks for: exactly the origins that Parse accepts and whose host is a name
// below .invalid, with or without a trailing dot. Lengths that only need to be
// as small as possible (of the scheme, of the host) are not part of a state;
// the search counts them.
type shape struct {
	phase phase
	kind  uint8 // the scheme: its letters so far, then its default port
	len   uint8 // bytes in this label, or digits in this port
	tail  uint8 // how much of what decides at the end was seen

	// The other searches of an audit use these: see audit_shape.go.
	node uint16 // in the trie of suffixes
	bits uint8  // who chose the bytes of the registrable label and the suffix
}

type phase uint8

const (
	inScheme phase = iota
	afterColon
	afterSlash
	inHost
	inBracket // an IPv6 address
	inName    // the label that somebody registers
	inSuffix  // the public suffix behind it
	inPort
	inText // anything
	phases // how many there are that a search goes through, in this order
	dead
)

const (
	tld = "invalid"

	// tail in a host: the label so far is tld[:tail], or one of these.
	tailOther = 100 // some other label, or the first one
	tailDot   = 101 // nothing yet, after "….invalid."

	// tail in a port: compared with 65535, digit by digit, plus equalsDefault.
	portBelow, portEqual, portAbove = 0, 1, 2
	equalsDefault                   = 4
)

// schemeKinds are the beginnings of all schemes that Parse treats in a special
// way; the index of one is a shape's kind. Kind 0 is a scheme without letters
// yet, and otherScheme one that is none of these.
var schemeKinds = func() []string {
	kinds := []string{""}
	for _, s := range []string{"http", "https", "ws", "wss", "ftp", "about", "blob", "data", "file", "javascript"} {
		for n := range len(s) {
			if kindOf(kinds, s[:n+1]) == otherScheme {
				kinds = append(kinds, s[:n+1])
			}
		}
	}
	return kinds
}()

const otherScheme = 255

func kindOf(kinds []string, s string) uint8 {
	for i, k := range kinds {
		if k == s {
			return uint8(i)
		}
	}
	return otherScheme
}

// defaultPorts gives an index to each default port; it is a shape's kind once
// the scheme is over.
var defaultPorts = [...]string{"", "80", "443", "21"}

// next returns the state after one more byte, and dead if Parse would refuse.
func (s shape) next(b byte) shape {
	switch s.phase {
	case inScheme:
		return s.nextInScheme(b)
	case afterColon:
		if b == '/' {
			return shape{phase: afterSlash, kind: s.kind}
		}
	case afterSlash:
		if b == '/' {
			return shape{phase: inHost, kind: s.kind, tail: tailOther}
		}
	case inHost:
		return s.nextInHost(b)
	case inPort:
		return s.nextInPort(b)
	default: // dead, or a phase of an audit
	}
	return shape{phase: dead}
}

func (s shape) nextInScheme(b byte) shape {
	name := ""
	if s.kind != otherScheme {
		name = schemeKinds[s.kind]
	}
	switch {
	case b == ':' && s.kind != 0 && !isOpaque(name):
		for i, port := range defaultPorts {
			if port == defaultPort(name) {
				return shape{phase: afterColon, kind: uint8(i)}
			}
		}
	case s.kind == 0 && class[b]&isLower == 0:
	case s.kind == otherScheme && class[b]&isSchemeByte != 0:
		return s
	case class[b]&isSchemeByte != 0:
		return shape{kind: kindOf(schemeKinds, name+string(b))}
	}
	return shape{phase: dead}
}

func (s shape) nextInHost(b byte) shape {
	switch {
	case b == ':' && s.accepts():
		s.phase, s.len, s.tail = inPort, 0, portEqual
		if defaultPorts[s.kind] != "" {
			s.tail |= equalsDefault
		}
		return s
	case b == '.' && s.len > 0:
		below := s.tail == uint8(len(tld))
		s.len, s.tail = 0, 0
		if below {
			s.tail = tailDot
		}
		return s
	case class[b]&isHostByte == 0 || s.len == maxLabel:
		return shape{phase: dead}
	}
	if s.tail == tailDot {
		s.tail = 0
	}
	if int(s.tail) < len(tld) && tld[s.tail] == b {
		s.tail++
	} else {
		s.tail = tailOther
	}
	s.len++
	return s
}

func (s shape) nextInPort(b byte) shape {
	const most = "65535"
	if class[b]&isDigit == 0 || int(s.len) == len(most) || s.len == 0 && b == '0' {
		return shape{phase: dead}
	}
	order, isDefault := s.tail&^equalsDefault, s.tail&equalsDefault
	if order == portEqual && b != most[s.len] {
		order = portBelow
		if b > most[s.len] {
			order = portAbove
		}
	}
	if port := defaultPorts[s.kind]; int(s.len) >= len(port) || port[s.len] != b {
		isDefault = 0
	}
	s.tail, s.len = order|isDefault, s.len+1
	return s
}

// accepts reports whether the bytes so far are an origin below .invalid.
func (s shape) accepts() bool {
	if s.phase == inHost {
		return s.tail == uint8(len(tld)) || s.tail == tailDot
	}
	if s.phase != inPort || s.len == 0 {
		return false
	}
	isDefault := s.tail&equalsDefault != 0 && int(s.len) == len(defaultPorts[s.kind])
	tooLarge := s.tail&portAbove != 0 && s.len == 5
	return !isDefault && !tooLarge
}

// alphabet holds every byte of an origin, in the order in which the search
// prefers them.
var alphabet = func() string {
	var b strings.Builder
	for _, isWanted := range []uint8{isLower, isDigit} {
		for c := range len(class) {
			if class[c]&isWanted != 0 {
				b.WriteByte(byte(c))
			}
		}
	}
	return b.String() + ".-_+:/"
}()
