package lint_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// TestStrangersSeen: whoever gets in is found by asking, however the lines are
// written, and what no question meets is said to be unasked.
func TestStrangersSeen(t *testing.T) {
	t.Setenv("LINT_ORIGIN", "https://app.example.com")
	const star = "\theader Access-Control-Allow-Origin *\n\theader Access-Control-Allow-Headers *\n\t@o method OPTIONS\n\trespond @o 204\n"
	const credentials = "\theader Access-Control-Allow-Credentials true\n\theader Vary Origin\n\trespond hi\n"
	for name, c := range map[string]struct {
		text, at string // severity and place of the only finding; "" for none
		says     []string
	}{
		"filled by vars":          {"\tvars o {header.Origin}\n\theader Access-Control-Allow-Origin {vars.o}\n" + credentials, "security Caddyfile:3", []string{"every page"}},
		"filled by a header":      {"\trequest_header X-O {header.Origin}\n\troute {\n\t\theader Access-Control-Allow-Origin {header.X-O}\n" + credentials + "\t}\n", "security Caddyfile:4", []string{"every page"}},
		"filled by the query":     {"\theader Access-Control-Allow-Origin {query.o}\n" + credentials, "security Caddyfile:2", []string{"every page", "?o=https"}},
		"one name is turned away": {"\t@n not header Origin https://evil.example\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page"}},
		"no scheme in a pattern":  {"\t@n header Origin *.example.com\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"http://x.example.com"}},
		"an end in CEL":           {"\t@n expression {header.Origin}.endsWith('.example.com')\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"http://app.example.com"}},
		"an end in a map":         {"\tmap {header.Origin} {o} {\n\t\t~(.*\\.example\\.com)$ ${1}\n\t}\n\theader Access-Control-Allow-Origin {o}\n" + credentials, "security Caddyfile:5", []string{"http://x.example.com"}},
		"behind a query":          {"\t@n query k=1\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page", "?k=1"}},
		"credentials elsewhere":   {"\theader /api/* Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:2", []string{"every page", "/api/x"}},
		"in handle_response": {"\treverse_proxy localhost:1 {\n\t\t@a status 2xx\n\t\thandle_response @a {\n\t\t\theader Access-Control-Allow-Origin {header.Origin}\n" +
			"\t\t\theader Access-Control-Allow-Credentials true\n\t\t\tcopy_response\n\t\t}\n\t}\n", "security Caddyfile:5fragile Caddyfile:5fragile Caddyfile:5fragile Caddyfile:5", []string{"every page", "go out twice", "(502)", "Vary"}},
		"a star in handle_response":          {"\treverse_proxy localhost:1 {\n\t\t@a status 200\n\t\thandle_response @a {\n\t\t\theader Access-Control-Allow-Origin *\n\t\t\theader Access-Control-Allow-Methods PUT\n\t\t\theader Access-Control-Allow-Headers *\n\t\t\tcopy_response\n\t\t}\n\t}\n", "broken Caddyfile:6fragile Caddyfile:5fragile Caddyfile:5", []string{"fails at the preflight", "go out twice", "(502)"}},
		"a slash in handle_response":         {"\treverse_proxy localhost:1 {\n\t\thandle_response {\n\t\t\theader Access-Control-Allow-Origin https://app.example.com/\n\t\t\tcopy_response\n\t\t}\n\t}\n", "broken Caddyfile:4", []string{"ends with a slash"}},
		"two handle_response":                {"\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t\t@n status 404\n\t\thandle_response @n {\n\t\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\t\trespond 404\n\t\t}\n\t\t@a status 2xx\n\t\thandle_response @a {\n\t\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\t\trespond hi\n\t\t}\n\t}\n", "fragile Caddyfile:11", []string{"(502)"}},
		"only for errors in handle_response": {"\treverse_proxy localhost:1 {\n\t\t@n status 404\n\t\thandle_response @n {\n\t\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\t\trespond 404\n\t\t}\n\t}\n", "", nil},
		"in handle_errors": {"\treverse_proxy localhost:1\n\thandle_errors {\n\t\theader Access-Control-Allow-Origin {header.Origin}\n" +
			"\t\theader Access-Control-Allow-Credentials true\n\t\trespond oops\n\t}\n", "security Caddyfile:4", []string{"every page"}},
		"a star for errors":                    {"\treverse_proxy localhost:1\n\thandle_errors {\n\t\theader Access-Control-Allow-Origin *\n\t}\n", "", nil},
		"a star by vars":                       {"\tvars o *\n\theader Access-Control-Allow-Origin {vars.o}\n\trespond hi\n", "", nil},
		"a field that nobody sends":            {"\t@n header X-Key abc\n\theader @n Access-Control-Allow-Origin https://app.example.com\n\theader Vary Origin\n\trespond hi\n", "broken Caddyfile:3", []string{"the matcher wants X-Key"}},
		"a key, and preflights elsewhere":      {"\t@p method OPTIONS\n\thandle @p {\n\t\theader Access-Control-Allow-Origin *\n\t\theader Access-Control-Allow-Methods \"GET, POST\"\n\t\theader Access-Control-Allow-Headers Authorization\n\t\trespond 204\n\t}\n\t@n header Authorization \"Bearer k\"\n\thandle @n {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond hi\n\t}\n\thandle {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond 401\n\t}\n", "", nil},
		"from the environment":                 {"\theader Access-Control-Allow-Origin {env.LINT_ORIGIN}\n\trespond hi\n", "", nil},
		"no scheme in a value":                 {"\theader Access-Control-Allow-Origin app.example.com\n\trespond hi\n", "broken Caddyfile:2", []string{"has no scheme", "write https://app.example.com"}},
		"no matcher":                           {"\theader *.woff2 Access-Control-Allow-Origin https://app.example.com\n\tfile_server\n", "broken Caddyfile:2", []string{"the name of a field"}},
		"Vary set beside cors":                 {"\tcors https://a.example.com https://b.example.com\n\theader >Vary Accept-Encoding\n\trespond hi\n", "fragile Caddyfile:3", []string{"+Vary"}},
		"deleted beside cors":                  {"\tcors https://a.example.com\n\theader -Access-Control-Allow-Origin\n\treverse_proxy localhost:1\n", "broken Caddyfile:3", []string{"it deletes"}},
		"deferred beside cors":                 {"\tcors https://a.example.com\n\theader >Access-Control-Allow-Origin x\n\trespond hi\n", "broken Caddyfile:3", []string{"because of this line"}},
		"abort":                                {"\tcors https://a.example.com\n\tabort /wp-admin*\n\trespond hi\n", "", nil},
		"abort in the end":                     {"\theader Access-Control-Allow-Origin *\n\trespond /x hi\n\tabort\n", "", nil},
		"Electron":                             {"\theader Access-Control-Allow-Origin app://.\n\trespond hi\n", "", nil},
		"a suffix":                             {"\t@o header_regexp Origin \\.example\\.com$\n\theader @o Access-Control-Allow-Origin {header.Origin}\n\theader @o Access-Control-Allow-Credentials true\n\theader Vary Origin\n\trespond hi\n", "security Caddyfile:3", []string{"http://app.example.com"}},
		"an expression that fits nothing":      {"\t@o header_regexp Origin ^(app|www)\\.example\\.com$\n\theader @o Access-Control-Allow-Origin {header.Origin}\n\theader Vary Origin\n\trespond hi\n", "broken Caddyfile:3", []string{"scheme://host"}},
		"a map that knows the stranger's word": {"\tmap {header.Origin} {v} {\n\t\t~evil none\n\t\tdefault {header.Origin}\n\t}\n\theader Access-Control-Allow-Origin {v}\n" + credentials, "security Caddyfile:6", []string{"every page"}},
		"cors for preflights only":             {"\t@o method OPTIONS\n\tcors @o https://a.example.com\n\trespond hi\n", "broken Caddyfile:3", []string{"only OPTIONS", "remove the method"}},
		"cors alone in its handle":             {"\thandle /v1/* {\n\t\tcors https://a.example.com\n\t}\n\thandle {\n\t\trespond hi\n\t}\n", "broken Caddyfile:3", []string{"an empty answer"}},
		"only for files":                       {"\t@f file\n\tcors @f https://a.example.com\n\tfile_server\n", "note Caddyfile:3", []string{"no question"}},
		"a redirect to another site":           {"\tcors https://a.example.com\n\tredir https://new.example{uri}\n", "", nil},
		"a path in front of cors":              {"\troute {\n\t\treverse_proxy /v1/* localhost:1\n\t\tcors https://a.example.com\n\t\trespond hi\n\t}\n", "fragile Caddyfile:4", []string{"/v1/x", "Caddyfile:3"}},
		"a redirect in front of cors":          {"\troute {\n\t\tredir /v1/* /v2{uri}\n\t\tcors https://a.example.com\n\t\trespond hi\n\t}\n", "fragile Caddyfile:4", []string{"/v1/x", "preflights too"}},
		"a health check in front":              {"\troute {\n\t\trespond /health ok\n\t\tcors https://a.example.com\n\t\trespond hi\n\t}\n", "note Caddyfile:4", []string{"/health"}},
		"meant to be in front":                 {"\troute {\n\t\t@x not path /v1/*\n\t\treverse_proxy /v1/* localhost:1\n\t\tcors @x https://a.example.com\n\t\trespond hi\n\t}\n", "", nil},
		"handles beside each other":            {"\troute {\n\t\thandle /v1/* {\n\t\t\treverse_proxy localhost:1\n\t\t}\n\t\thandle {\n\t\t\tcors https://a.example.com\n\t\t\trespond hi\n\t\t}\n\t}\n", "", nil},
		"an age that is no number":             {"\theader Access-Control-Allow-Origin *\n\theader Access-Control-Max-Age 1h\n\trespond hi\n", "note Caddyfile:3", []string{`"1h"`, "as 7200"}},
		"an age in seconds":                    {"\theader Access-Control-Allow-Origin *\n\theader Access-Control-Max-Age 3600\n\trespond hi\n", "", nil},
		"its own host":                         {"\theader Access-Control-Allow-Origin https://{host}\n\trespond hi\n", "fragile Caddyfile:2", []string{"the site's own"}},
		"its own scheme, host, port":           {"\theader Access-Control-Allow-Origin {scheme}://{hostport}\n\trespond hi\n", "fragile Caddyfile:2", []string{"the site's own"}},
		"its host by http":                     {"\theader Access-Control-Allow-Origin http://{host}\n\trespond hi\n", "", nil},
		"a header that pages write":            {"\theader Access-Control-Allow-Origin https://{header.X-Tenant}.example.com\n\trespond hi\n", "broken Caddyfile:2", []string{"no page can send its own origin there"}},
		"the referrer":                         {"\theader Access-Control-Allow-Origin {header.Referer}\n" + credentials, "broken Caddyfile:2", []string{"no page can send its own origin there"}},
		"a variable of nobody":                 {"\theader Access-Control-Allow-Origin {vars.nothing}\n\trespond hi\n", "note Caddyfile:2", []string{"no request that was tried"}},
		"a cookie":                             {"\theader Access-Control-Allow-Origin https://{cookie.t}.example.com\n\trespond hi\n", "note Caddyfile:2", []string{"no request that was tried"}},
		"the query, no credentials":            {"\theader Access-Control-Allow-Origin {query.o}\n\theader Vary Origin\n\trespond hi\n", "note Caddyfile:2", []string{"every page may read", "?o=https"}},
		"a fragment":                           {"\theader Access-Control-Allow-Origin https://app.example.com#x\n\trespond hi\n", "broken Caddyfile:2", []string{"has a fragment", "write https://app.example.com"}},
		"a user name":                          {"\theader Access-Control-Allow-Origin https://u:p@app.example.com\n\trespond hi\n", "broken Caddyfile:2", []string{"has a user name"}},
		"an international name":                {"\theader Access-Control-Allow-Origin https://münchen.example\n\trespond hi\n", "broken Caddyfile:2", []string{"not ASCII", "write https://xn--mnchen-3ya.example"}},
		"an address alone":                     {"\theader Access-Control-Allow-Origin 10.0.0.1\n\trespond hi\n", "broken Caddyfile:2", []string{"has no scheme", "write https://10.0.0.1"}},
		"a port too high":                      {"\theader Access-Control-Allow-Origin https://app.example.com:99999\n\trespond hi\n", "broken Caddyfile:2", []string{"over 65535"}},
		"a pattern as the value":               {"\theader Access-Control-Allow-Origin https://*.example.com\n\trespond hi\n", "broken Caddyfile:2", []string{"a pattern"}},
		"from a disk":                          {"\theader Access-Control-Allow-Origin file://\n\trespond hi\n", "fragile Caddyfile:2", []string{"browsers send null"}},
		"from a disk, credentials":             {"\theader Access-Control-Allow-Origin file://\n" + credentials, "security Caddyfile:2", []string{"browsers send null"}},
		"a header of signed in users":          {"\t@a header Authorization *\n\tcors @a https://a.example.com\n\treverse_proxy localhost:1\n", "broken Caddyfile:3", []string{"the matcher wants Authorization", "no preflight"}},
		"a header of preflights":               {"\t@a header User-Agent *Mozilla*\n\tcors @a https://a.example.com\n\treverse_proxy localhost:1\n", "", nil},
		"behind a cookie":                      {"\t@n header Cookie *session*\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page", "with Cookie"}},
		"behind any cookie":                    {"\t@n header Cookie *\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page"}},
		"behind a cookie, by an expression":    {"\t@n header_regexp Cookie (^|;\\s*)SID=\\w+\n\thandle @n {\n\t\theader Access-Control-Allow-Origin {header.Origin}\n" + credentials + "\t}\n\thandle {\n\t\trespond 401\n\t}\n", "security Caddyfile:4", []string{"every page"}},
		"behind an Accept":                     {"\t@n header Accept *json*\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page", "with Accept"}},
		"for POST":                             {"\t@p method POST\n\thandle @p {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\trespond hi\n\t}\n\thandle {\n\t\trespond ok\n\t}\n", "", nil},
		"for POST, in CEL":                     {"\t@p expression `{method} == \"POST\" && path('/v1/*')`\n\thandle @p {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\trespond hi\n\t}\n\thandle {\n\t\trespond ok\n\t}\n", "", nil},
		"for PUT":                              {"\thandle /v1/* {\n\t\t@p method PUT\n\t\theader @p Access-Control-Allow-Origin https://app.example.com\n\t\trespond hi\n\t}\n", "broken Caddyfile:4", []string{"PUT https://a.example/v1/x", "the matcher leaves out OPTIONS"}},
		"for PUT, and preflights":              {"\t@o method OPTIONS\n\thandle @o {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\theader Access-Control-Allow-Methods PUT\n\t\theader Access-Control-Allow-Headers Content-Type\n\t\trespond 204\n\t}\n\t@p method PUT\n\thandle @p {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\trespond hi\n\t}\n\thandle {\n\t\trespond ok\n\t}\n", "", nil},
		"for a method of its own":              {"\t@p method LINK\n\theader @p Access-Control-Allow-Origin https://app.example.com\n\trespond hi\n", "broken Caddyfile:3", []string{"LINK https://a.example/"}},
		"for all but some":                     {"\t@p not method GET HEAD OPTIONS\n\theader @p Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page", "POST https://a.example/"}},
		"for POST, and never reached":          {"\thandle {\n\t\trespond ok\n\t}\n\t@p method POST\n\troute @p {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\trespond hi\n\t}\n", "broken Caddyfile:7", []string{"no request reaches this line"}},
		"a star for headers":                   {star + "\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t}\n", "", nil},
		"a star for headers, and a guard":      {star + "\t@n not header Authorization *\n\trespond @n 401\n\trespond hi\n", "note Caddyfile:3", []string{"does not cover", "*, Authorization", "with Authorization"}},
		"a star for headers, passed on":        {star + "\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t\theader_up X-Auth {header.Authorization}\n\t}\n", "note Caddyfile:3", []string{"does not cover"}},
		"a star for headers, the proxy's own":  {star + "\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t\theader_up Authorization \"Bearer k\"\n\t}\n", "", nil},
		"a star for headers, signed in":        {"\theader Access-Control-Allow-Origin *\n\theader Access-Control-Allow-Headers *\n\troute {\n\t\t@o method OPTIONS\n\t\trespond @o 204\n\t\tbasic_auth {\n\t\t\talice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n\t\t}\n\t\trespond hi\n\t}\n", "note Caddyfile:3", []string{"does not cover"}},
		"a star for headers, and its name":     {strings.Replace(star, "Headers *", "Headers \"*, Authorization\"", 1) + "\t@n not header Authorization *\n\trespond @n 401\n\trespond hi\n", "", nil},
		"a star for headers, elsewhere":        {star + "\t@n {\n\t\tpath /admin/*\n\t\theader Authorization *\n\t}\n\theader @n X-A b\n\trespond hi\n", "note Caddyfile:3", []string{"/admin/x"}},
		"behind a Referer":                     {"\t@n header Referer *\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "security Caddyfile:3", []string{"every page"}},
		"behind the app's Referer":             {"\t@n header Referer https://app.example.com/*\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "note Caddyfile:3", []string{"no question"}},
		"a cookie, and an origin":              {"\t@n header Cookie *session*\n\theader @n Access-Control-Allow-Origin https://app.example.com\n" + credentials, "", nil},
		"a cookie, and no credentials":         {"\t@n header Cookie *session*\n\tcors @n https://app.example.com\n\trespond hi\n", "broken Caddyfile:3", []string{"the matcher wants a cookie", "allow credentials"}},
		"a cookie, and a star":                 {"\t@n header Cookie *session*\n\theader @n Access-Control-Allow-Origin *\n\trespond hi\n", "broken Caddyfile:3", []string{"the matcher wants a cookie"}},
		"an Accept, and a PUT":                 {"\t@n header Accept *json*\n\theader @n {\n\t\tAccess-Control-Allow-Origin *\n\t\tAccess-Control-Allow-Methods PUT\n\t}\n\t@p method OPTIONS\n\trespond @p 204\n\trespond hi\n", "broken Caddyfile:3", []string{"an Accept that is not */*"}},
		"any Accept, and a PUT":                {"\t@n header Accept *\n\theader @n {\n\t\tAccess-Control-Allow-Origin *\n\t\tAccess-Control-Allow-Methods PUT\n\t\tAccess-Control-Allow-Headers *\n\t}\n\t@p method OPTIONS\n\trespond @p 204\n\trespond hi\n", "", nil},
		"a field that no page sends":           {"\t@n header Upgrade websocket\n\theader @n Access-Control-Allow-Origin {header.Origin}\n" + credentials, "note Caddyfile:3", []string{"no question"}},
		"a guard by any token":                 {"\theader Access-Control-Allow-Origin *\n\theader Access-Control-Allow-Headers Authorization\n\t@p method OPTIONS\n\trespond @p 204\n\t@n not header Authorization *\n\trespond @n 401\n\treverse_proxy localhost:1\n", "fragile Caddyfile:2", []string{"go out twice", "with Authorization"}},
		"one path of a proxy's tree":           {"\tcors /api https://a.example.com\n\treverse_proxy /api/* localhost:1\n", "fragile Caddyfile:2", []string{"`/api` is this one path", "`/api*`", "/api/x"}},
		"one path of a proxy":                  {"\tcors /api https://a.example.com\n\treverse_proxy localhost:1\n", "", nil},
		"the path /":                           {"\tcors / https://a.example.com\n\trespond hi\n", "fragile Caddyfile:2", []string{"leave the matcher out"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := lint.Caddyfile("Caddyfile", []byte("a.example {\n"+c.text+"}\n"), lint.Options{})
			if err != nil || report.Err != nil {
				t.Fatal(err, report.Err)
			}
			found, said := "", ""
			for _, f := range report.Findings {
				found += string(f.Severity) + " " + f.Place()
				said += strings.Join([]string{f.Problem, f.Request, f.Cure}, "\n")
			}
			if found != c.at {
				t.Errorf("%q, want %q", found, c.at)
			}
			for _, w := range c.says {
				if !strings.Contains(said, w) {
					t.Errorf("no %q in\n%s", w, said)
				}
			}
		})
	}
}
