package origins

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestListWarnings: a load with a million mistakes does not fill the log, and the
// same content and the same failure are not told of again.
func TestListWarnings(t *testing.T) {
	t.Parallel()
	const shown = 20
	log, logs := observed()
	l := &liveList{name: "the list"}
	content := []byte("https://a.example\n" + strings.Repeat("nonsense\n", 1000))
	for range 3 {
		l.update(t.Context(), log, content)
	}
	if got := toldOf(logs, "is skipped:", "the list"); got != shown {
		t.Errorf("%d warnings, want %d", got, shown)
	}
	if toldOf(logs, "not_shown:980") != 1 || toldOf(logs, "loaded a list", "origins:1", "skipped:1000") != 1 || logs.Len() != shown+2 {
		t.Errorf("logged %v", logs.All())
	}
	for range 3 {
		l.failed(log, os.ErrNotExist)
	}
	l.update(t.Context(), log, content)
	l.update(t.Context(), log, content)
	if toldOf(logs, "last good state") != 1 || toldOf(logs, "can be read again") != 1 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestAllowsDoesNotAllocate, since it is on the way of every request.
func TestAllowsDoesNotAllocate(t *testing.T) {
	l := new(liveList)
	l.update(t.Context(), zap.NewNop(), []byte("https://a.example\nhttps://*.b.example\n"))
	listed, _ := origin.Parse("https://a.example")
	evil, _ := origin.Parse(corstest.Evil)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = l.allows(listed)
		_, _ = l.allows(evil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFileAllowsOrigin(b *testing.B) {
	for _, n := range []int{1, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "origins.txt")
			writeFile(b, path, manyOrigins("a", n))
			s, _ := startFile(b, path, policy.SourceRules{})
			last := fmt.Sprintf("https://a%d.example.com", n-1)
			wantAnswer(b, s, "yes", last)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.AllowsOrigin(context.Background(), last)
			}
		})
	}
}
