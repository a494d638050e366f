package origin

// nearly lets a scheme be anything up to ://.
func nearly(from, to shape, b byte) shape {
	to.kind, to.tail = otherScheme, 0
	switch {
	case from.phase == inScheme && b == ':':
		to.phase = afterColon
	case from.phase == inScheme && (class[b|' ']&isLower != 0 || class[b]&isSchemeByte != 0):
		to.phase = inScheme
	case from.phase == afterSlash && b == '/':
		to.phase, to.tail = inText, atLabelStart
	}
	return to
}

// The tail of a text.
const (
	behindName = iota
	atLabelStart
	withinLabel
)

// nearName lets a host have all but empty labels, which would be complained of
// first, and anything come behind it.
func nearName(from shape, b byte) shape {
	to := from
	isName := class[b]&isHostByte != 0 || class[b|' ']&isLower != 0 && b < 0x80
	switch {
	case from.tail == behindName:
	case isName:
		to.tail = withinLabel
	case from.tail == atLabelStart:
		to.phase = dead
	case b == '.':
		to.tail = atLabelStart
	default:
		to.tail = behindName
	}
	return to
}
