package e2e

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

//go:embed page
var pageFiles embed.FS

// desk is where a browser fetches its work and hands in results, below /_e2e/.
type desk struct {
	mu      sync.Mutex
	job     job
	results map[string]handedIn // by key
	log     []string
	heard   time.Time // when the browser last said something
	done    chan struct{}
	ended   bool
	streams map[string]chan struct{}
}

// job is all that a browser has to do.
type job struct {
	Pages map[string]pagePlan `json:"pages"`
	Cases []casePlan          `json:"cases"`
}

type pagePlan struct {
	Kind string `json:"kind"`
	Base string `json:"base"` // the origin of a frame
}

type casePlan struct {
	Key    string `json:"key"`
	Settle int    `json:"settle,omitempty"`
	Slow   bool   `json:"slow,omitempty"`
	Steps  []step `json:"steps"`
}

// handedIn is what a browser tells of a case. If the browser was too slow to
// say something about time, it tries again with other URLs, which have the key
// UsedKey.
type handedIn struct {
	Key     string   `json:"key"`
	UsedKey string   `json:"used"`
	Results []result `json:"results"`
}

func (d *desk) start() {
	d.results = make(map[string]handedIn)
	d.streams = make(map[string]chan struct{})
	d.done = make(chan struct{})
}

func (d *desk) handedIn(key string) (handedIn, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, ok := d.results[key]
	return h, ok
}

// released is closed when the page lets a stream go on.
func (d *desk) released(key string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.streams[key] == nil {
		d.streams[key] = make(chan struct{})
	}
	return d.streams[key]
}

// lay puts work on the desk.
func (w *world) lay(cases []casePlan) {
	j := job{Cases: cases, Pages: make(map[string]pagePlan)}
	for name, p := range pages {
		base := p.origin
		if base == "null" {
			base = "app"
		}
		j.Pages[name] = pagePlan{p.kind, w.origin(base)}
	}
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	w.desk.job, w.desk.heard = j, time.Now()
}

func (d *desk) work() job {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.job
}

// said is what the page had to say.
func (d *desk) said() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

// serveDesk answers everything that belongs to no case.
func (w *world) serveDesk(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	rw.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case "/_e2e/top":
		servePage(rw, "text/html", "page/top.html")
	case "/_e2e/frame":
		servePage(rw, "text/html", "page/frame.html")
	case "/_e2e/acts.js":
		servePage(rw, "text/javascript", "page/acts.js")
	case "/_e2e/top.js":
		servePage(rw, "text/javascript", "page/top.js")
	case "/_e2e/job":
		_ = json.NewEncoder(rw).Encode(w.desk.work())
	case "/_e2e/results":
		w.desk.take(rw, r)
	case "/_e2e/settle":
		n, _ := strconv.Atoi(q.Get("n"))
		w.log.wait(q.Get("key"), n, 5*time.Second)
	case "/_e2e/release":
		close(w.desk.released(q.Get("key")))
	default:
		rw.WriteHeader(http.StatusNotFound) // favicon.ico and the like
	}
}

func servePage(rw http.ResponseWriter, contentType, file string) {
	b, err := pageFiles.ReadFile(file)
	if err != nil {
		panic(err)
	}
	rw.Header().Set("Content-Type", contentType+"; charset=utf-8")
	_, _ = rw.Write(b)
}

// take reads a batch of results.
func (d *desk) take(rw http.ResponseWriter, r *http.Request) {
	var batch struct {
		Results []handedIn `json:"results"`
		Log     []string   `json:"log"`
		Done    bool       `json:"done"`
	}
	b, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(b, &batch); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range batch.Results {
		d.results[h.Key] = h
	}
	d.log = append(d.log, batch.Log...)
	d.heard = time.Now()
	if batch.Done && !d.ended {
		d.ended = true
		close(d.done)
	}
}

// quiet is for how long nothing was heard of the browser.
func (d *desk) quiet() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Since(d.heard)
}

// progress says how far the browser is, for people.
func (d *desk) progress() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var missing []string
	for _, c := range d.job.Cases {
		if _, ok := d.results[c.Key]; !ok && len(missing) < 10 {
			missing = append(missing, c.Key)
		}
	}
	return fmt.Sprintf("%d of %d cases reported, the first missing are %v\nthe page says: %q",
		len(d.results), len(d.job.Cases), missing, d.log)
}
