package origin

// goal is what a search of an audit looks for in place of names under .invalid.
type goal struct {
	kind     goalKind
	suffixes *trie
}

type goalKind uint8

const (
	// goalOrigin: any origin. The automaton takes a little more than Parse does, so
	// what it does not find is not there.
	goalOrigin goalKind = iota
	goalHost            // the same, exact but for IPv6 addresses, and dearer: see numeral
	// The next four: an origin of whose registrable name somebody else can choose.
	goalStranger  // … all of the name, or of the suffix behind it
	goalLookalike // a part of the name, under a registry's suffix
	goalShared    // a part of the name, under a company's suffix
	goalSpelled   // none of the name: see countNames
	goalAddress   // an origin whose host is one of the addresses: see findAddress
	goalApp       // that of an app or extension, part of whose name somebody else can choose
	goalNear      // a scheme, ://, and anything: for the reason why nothing matches
	goalText      // anything
)

// The bits of a shape: bytes of the registrable name that the expression fixes,
// that somebody else can choose, and the latter in the suffix.
const (
	fixedName = 1 << iota
	freeName
	freeSuffix
)

// spend takes tests from what is left.
func (s *search) spend(tests int) { *s.budget -= tests }

// printable is all of ASCII that can be seen, what origins have first.
var printable = func() string {
	text := []byte(alphabet)
	for c := byte(' '); c < 0x7f; c++ {
		if class[c]&isHostByte == 0 && c != '.' && c != '+' && c != ':' && c != '/' {
			text = append(text, c)
		}
	}
	return string(text)
}()

// mark adds who chose a byte. Dots separate and are nobody's.
func mark(bits uint8, in phase, b byte, free bool) uint8 {
	switch {
	case b == '.' || in != inName && in != inSuffix:
		return bits
	case in == inSuffix && free:
		return bits | freeSuffix
	case in == inSuffix:
		return bits
	case free:
		return bits | freeName
	}
	return bits | fixedName
}

// steps returns the shapes after one more byte. There are two where a label may
// be the registrable one or another in front of it.
func (s *search) steps(from shape, b byte) []shape {
	var to shape
	if s.goal == nil {
		return append(s.shapes[:0], from.next(b))
	}
	switch from.phase {
	case inHost:
		return s.stepsInHost(from, b)
	case inName, inSuffix:
		to = s.stepInName(from, b)
	case inBracket:
		to = from
		switch {
		case b == ']':
			to.len = 1
		case from.len == 1 && b == ':':
			to = startPort(from)
		case from.len == 1 || class[b]&isHexByte == 0 && b != ':':
			to.phase = dead
		}
	case inText:
		to = nearName(from, b)
	default:
		to = from.next(b)
		if to.phase == inHost {
			to.tail = atHostStart
		}
		if s.goal.kind >= goalNear {
			to = nearly(from, to, b)
		} else if from.phase == inScheme && b == ':' && from.kind != otherScheme && isUnsent(schemeKinds[from.kind]) {
			to.phase = dead
		}
	}
	if to.phase == dead {
		return nil
	}
	return append(s.shapes[:0], to)
}

func startPort(from shape) shape {
	tail := uint8(portEqual)
	if defaultPorts[from.kind] != "" {
		tail |= equalsDefault
	}
	return shape{phase: inPort, kind: from.kind, tail: tail, bits: from.bits}
}

// The tail of a host in an audit.
const (
	atHostStart = iota
	inFront     // in a label, or behind the dot after one
	onlyDot     // the host is "." so far
)

func (s *search) stepsInHost(from shape, b byte) []shape {
	switch s.goal.kind {
	case goalAddress:
		return s.stepToAddress(from, b)
	case goalApp:
		return s.stepToApp(from, b)
	default:
	}
	to := from
	switch {
	case class[b]&isHostByte != 0 && from.len < maxLabel && from.tail != onlyDot:
		to.len, to.tail = from.len+1, inFront
		if s.goal.kind == goalHost {
			to.node = uint16(numeral(from.node).next(b))
		}
		if s.goal.kind <= goalHost {
			return append(s.shapes[:0], to)
		}
		name := shape{phase: inName, kind: from.kind, len: 1}
		if from.len > 0 {
			return append(s.shapes[:0], to)
		}
		return append(s.shapes[:0], name, to)
	case b == '.' && from.len > 0:
		to.len = 0
		if s.goal.kind == goalHost {
			to.node = uint16(numeral(from.node).next(b))
		}
		return append(s.shapes[:0], to)
	case s.goal.kind > goalHost:
		return nil
	case b == ':' && s.accepts(from) && from.tail == inFront:
		return append(s.shapes[:0], startPort(from))
	case b == '[' && from.tail == atHostStart:
		return append(s.shapes[:0], shape{phase: inBracket, kind: from.kind})
	case b == '.' && from.tail == atHostStart && defaultPorts[from.kind] == "":
		to.tail = onlyDot
		return append(s.shapes[:0], to)
	}
	return nil
}

// stepInName goes on within the registrable name and its suffix.
func (s *search) stepInName(from shape, b byte) shape {
	to := from
	if from.phase == inName {
		switch {
		case s.goal.kind == goalApp && b == ':':
			return startPort(from)
		case s.goal.kind == goalApp && b == '.':
			return shape{phase: dead}
		case b == '.':
			to.phase, to.node, to.len = inSuffix, 0, 0
			return to
		case class[b]&isHostByte != 0 && from.len < maxLabel:
			to.len++
			return to
		}
		return shape{phase: dead}
	}
	if b == ':' && s.accepts(from) {
		return startPort(from)
	}
	child, ok := s.goal.suffixes.nodes[from.node].next[b]
	if !ok {
		return shape{phase: dead}
	}
	to.node = child
	return to
}

// accepts reports whether the shape is what the search looks for.
func (s *search) accepts(at shape) bool {
	if s.goal == nil {
		return at.accepts()
	}
	switch at.phase {
	case inText:
		return true
	case inHost:
		nameless := at.tail == onlyDot || at.tail == atHostStart && defaultPorts[at.kind] == ""
		named := at.tail == inFront && (s.goal.kind == goalOrigin || numeral(at.node).isHost())
		return s.goal.kind <= goalHost && (named || nameless)
	case inBracket:
		return at.len == 1
	case inName:
		return s.goal.kind == goalApp && at.bits&freeName != 0
	case inSuffix:
		return s.wants(at)
	case inPort:
		return at.accepts() && (s.goal.kind != goalApp || at.bits&freeName != 0)
	default:
		return false
	}
}

// wants reports whether a host that ends here is the stranger's that is looked for.
func (s *search) wants(at shape) bool {
	end := s.goal.suffixes.nodes[at.node]
	pure := at.bits&freeSuffix != 0 || at.bits&(freeName|fixedName) == freeName
	switch s.goal.kind {
	case goalStranger:
		return end.isEnd && pure
	case goalLookalike:
		return end.isEnd && end.icann && !pure && at.bits&freeName != 0
	case goalShared:
		return end.isEnd && !end.icann && !pure && at.bits&freeName != 0
	case goalSpelled, goalAddress:
		return end.isEnd
	default:
		return false
	}
}
