package lint

// verdict says whether a request meets a condition, as far as that can be told
// from the configuration.
type verdict int8

const (
	no verdict = iota - 1
	perhaps
	yes
)

func (v verdict) not() verdict { return -v }

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}
