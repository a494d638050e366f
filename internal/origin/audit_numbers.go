package origin

// numeral says of a host so far whether it ends in a number, and whether it is an
// IPv4 address: a host that ends in a number and is none is no host (URL Standard,
// #ends-in-a-number-checker). Its bits are, from the lowest: the number of the
// last label (8), which label of an address it is, or 0 if the host cannot be one
// (3), what the last label is (3), and whether the label before it is a number (1).
// The zero value is that of an empty host.
type numeral uint16

// What the last label is.
const (
	labelEmpty  = iota // there is none yet
	labelText          // no number
	labelDigits        // a number
	labelZero          // a number, which 0x could become too
	labelHex           // a number: 0x and hexadecimal digits
)

const (
	numberOf  = 0xff
	partShift = 8
	kindShift = 11
	afterOne  = 1 << 14
	// notAddress is the part of a host that cannot be an address. Parts count from 0.
	notAddress = 7
)

func (n numeral) kind() numeral { return n >> kindShift & 7 }
func (n numeral) part() numeral { return n >> partShift & 7 }

// next returns the numeral after one more host byte or dot.
func (n numeral) next(b byte) numeral {
	kind, part, number := n.kind(), n.part(), n&numberOf
	isDigitNow := class[b]&isDigit != 0
	switch {
	case b == '.':
		if part++; part > 3 || kind != labelDigits && kind != labelZero {
			part = notAddress
		}
		before := numeral(0)
		if isNumber(kind) {
			before = afterOne
		}
		return labelEmpty<<kindShift | part<<partShift | before
	case kind == labelEmpty && b == '0':
		return labelZero<<kindShift | part<<partShift
	case isDigitNow && (kind == labelEmpty || kind == labelDigits):
		if number = 10*number + numeral(b-'0'); number > 255 {
			part = notAddress
		}
		if part == notAddress {
			number = 0
		}
		return labelDigits<<kindShift | part<<partShift | number
	case isDigitNow && kind == labelZero:
		return labelDigits<<kindShift | notAddress<<partShift
	case kind == labelZero && b == 'x', kind == labelHex && class[b]&isHexByte != 0:
		return labelHex<<kindShift | notAddress<<partShift
	}
	return labelText<<kindShift | notAddress<<partShift
}

func isNumber(kind numeral) bool { return kind >= labelDigits }

// isHost reports whether the host may end here.
func (n numeral) isHost() bool {
	switch kind := n.kind(); kind {
	case labelEmpty:
		return n&afterOne == 0
	case labelDigits, labelZero:
		return n.part() == 3
	default:
		return kind == labelText
	}
}

// alikeIn returns the letters that all lead to the same numeral.
func (n numeral) alikeIn(l *letters) byteSet {
	switch n.kind() {
	case labelText:
		return l.word
	case labelZero, labelHex:
		return byteSet{}
	}
	same := l.word
	for b := byte('0'); b <= '9'; b++ {
		same = same.not(l.setOf(b))
	}
	return same
}
