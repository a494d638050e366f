package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Every contender gets the same policy: one list of origins, and what is below.
var (
	allowedMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
	allowedHeaders = thirtyNames()
	exposedHeaders = []string{"Etag", "Link"}
)

const maxAge = 2 * time.Hour

func thirtyNames() []string {
	names := []string{"Authorization", "Content-Type"}
	for i := len(names); i < 30; i++ {
		names = append(names, fmt.Sprintf("X-Field-%02d", i+1))
	}
	return names
}

// list is the origins of a policy.
type list struct {
	wildcard bool // https://*.tenant-N.example.com, else https://tenant-N.example.com
	tenants  []int
}

func newList(wildcard bool, n int) *list {
	// Neither sorted nor in another order that some data structure likes.
	return &list{wildcard, rand.New(rand.NewPCG(1, 2)).Perm(n)}
}

func (l *list) kind() string {
	if l.wildcard {
		return "wildcard"
	}
	return "exact"
}

// origins is what the configuration says.
func (l *list) origins() []string {
	out := make([]string, len(l.tenants))
	for i, tenant := range l.tenants {
		if l.wildcard {
			out[i] = fmt.Sprintf("https://*.tenant-%07d.example.com", tenant)
		} else {
			out[i] = fmt.Sprintf("https://tenant-%07d.example.com", tenant)
		}
	}
	return out
}

// origin is what a browser sends that the entry at a place allows.
func (l *list) origin(place int) string {
	if l.wildcard {
		return fmt.Sprintf("https://app.tenant-%07d.example.com", l.tenants[place])
	}
	return fmt.Sprintf("https://tenant-%07d.example.com", l.tenants[place])
}

// hot is the origin of the entry in the middle, which costs those who search
// from the front the average.
func (l *list) hot() string { return l.origin(len(l.tenants) / 2) }

// stranger looks like one of the list, down to its length.
func (l *list) stranger() string { return strings.TrimSuffix(l.hot(), "com") + "net" }

// spreadOver is a power of two, for a cheap index.
const spreadOver = 4096

// spread is origins from all over the list, in steps of a golden section: those
// who are too slow to see them all in a run see a fair part. None shares its
// bytes with another or with the configuration, as with requests from the wire;
// so the one origin of a list of one is there as many times.
func (l *list) spread() []string {
	const step = 2531
	out := make([]string, spreadOver)
	for i := range out {
		out[i] = l.origin(i * step % spreadOver * len(l.tenants) / spreadOver)
	}
	return out
}
