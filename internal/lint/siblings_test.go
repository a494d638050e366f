package lint_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// TestSiblings: what another policy decides is no finding of this one, and nobody is
// told to remove a line that is right.
func TestSiblings(t *testing.T) {
	const (
		public   = "\thandle @pub {\n\t\tcors * *\n\t\trespond a\n\t}\n"
		app      = "\thandle {\n\t\tcors https://app.example.com {\n\t\t\tcredentials\n\t\t}\n\t\trespond b\n\t}\n"
		errors   = "\thandle_errors {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond oops\n\t}\n"
		shared   = "\theader Access-Control-Allow-Origin https://app.example.com\n\theader Access-Control-Allow-Methods \"GET, PUT\"\n\theader Access-Control-Allow-Headers Content-Type\n"
		site     = "api.example.com {\n"
		answered = "\theader Vary Origin\n\trespond hi\n"
		stranger = "security Caddyfile:8 stranger"
	)
	for name, c := range map[string]struct{ text, found, cure string }{
		"not a path":          {site + "\t@pub not path /admin/*\n" + public + app, "", ""},
		"not a path, by hand": {site + "\t@pub not path /admin/*\n\thandle @pub {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond a\n\t}\n\thandle {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\trespond b\n\t}\n", "", ""},
		"not, in CEL":         {site + "\t@pub expression `!path('/admin/*')`\n" + public + app, "", ""},
		"not a field":         {site + "\t@pub not header X-Internal 1\n" + public + app, "note Caddyfile:8 unreached", "caddy cors check"},
		"an address":          {site + "\t@pub remote_ip private_ranges\n" + public + app, "", ""},
		"not a host":          {"a.example.com b.example.com {\n\t@a host a.example.com\n\tcors @a https://app.example.com {\n\t\tcredentials\n\t}\n\t@b not host a.example.com\n\tcors @b {\n\t\torigins *\n\t}\n\trespond hi\n", "", ""},
		"real, beside a sibling": {site + "\t@pub not path /admin/*\n" + public + "\thandle {\n\t\t@o header Origin *\n\t\theader @o Access-Control-Allow-Origin {header.Origin}\n" +
			"\t\theader Access-Control-Allow-Credentials true\n\t\theader Vary Origin\n\t\trespond b\n\t}\n", strings.Replace(stranger, "8", "9", 1), ""},
		"real, a wider line wins": {site + "\theader Access-Control-Allow-Origin *\n\theader /api/* Access-Control-Allow-Origin https://app.example.com\n\trespond hi\n", "security Caddyfile:3 stranger fragile Caddyfile:3 null", ""},
		"never reached":           {site + "\troute {\n\t\thandle {\n\t\t\tcors * *\n\t\t\trespond a\n\t\t}\n\t\thandle {\n\t\t\tcors https://app.example.com\n\t\t\trespond b\n\t\t}\n\t}\n", "note Caddyfile:4 unreached", ""},
		"a star in front":         {site + "\tcors * *\n\tcors https://app.example.com {\n\t\tcredentials\n\t}\n\trespond hi\n", "broken Caddyfile:2 credentials", "for https://app.example.com"},
		"a guard by path":         {site + "\tcors https://app.example.com\n\terror /internal/* 403\n\trespond hi\n" + errors, "security Caddyfile:6 stranger", "remove the line"},
		"a guard by field":        {site + "\tcors https://app.example.com\n\t@bad not header Authorization *\n\terror @bad 403\n\trespond hi\n" + errors, "security Caddyfile:7 stranger", "remove the line"},
		"a bearer": {site + "\t@pre method OPTIONS\n\thandle @pre {\n\t\theader Access-Control-Allow-Origin *\n\t\theader Access-Control-Allow-Methods \"GET, POST\"\n\t\theader Access-Control-Allow-Headers Authorization\n\t\trespond 204\n\t}\n" +
			"\t@auth header Authorization \"Bearer k\"\n\thandle @auth {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond hi\n\t}\n\thandle {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond 401\n\t}\n", "", ""},
		"taken from some paths":    {site + shared + "\thandle /admin/* {\n\t\theader -Access-Control-Allow-Origin\n\t\trespond a\n\t}\n\thandle {\n\t\trespond b\n\t}\n", "note Caddyfile:6 exception", "leave it"},
		"taken from some, by path": {site + shared + "\theader /admin/* -Access-Control-Allow-Origin\n\trespond a\n", "note Caddyfile:5 exception", ""},
		"a guard, by method":       {site + shared + "\t@bad {\n\t\tmethod OPTIONS\n\t\theader Access-Control-Request-Method PUT\n\t}\n\trespond @bad 403\n\t@pre method OPTIONS\n\trespond @pre 204\n\trespond a\n", "note Caddyfile:9 exception", "leave it"},
		"a guard, by path":         {site + shared + "\t@bad {\n\t\tmethod OPTIONS\n\t\tpath /admin/*\n\t}\n\tabort @bad\n\t@pre method OPTIONS\n\trespond @pre 204\n\trespond a\n", "note Caddyfile:9 exception", ""},
		"a guard, by address":      {site + shared + "\t@bad {\n\t\tmethod OPTIONS\n\t\tnot remote_ip 10.0.0.0/8\n\t}\n\terror @bad 403\n\t@pre method OPTIONS\n\trespond @pre 204\n\trespond a\n", "note Caddyfile:9 exception", ""},
		"taken from one page": {site + "\t@app header Origin https://app.example.com\n\t@two header Origin https://two.example.com\n\theader @app Access-Control-Allow-Origin https://app.example.com\n\theader @two Access-Control-Allow-Origin https://two.example.com\n" +
			"\theader Access-Control-Allow-Credentials true\n\theader @two -Access-Control-Allow-Credentials\n\theader Vary Origin\n\trespond a\n", "note Caddyfile:7 exception", ""},
		"a * for some answers":    {site + "\theader {\n\t\tAccess-Control-Allow-Origin *\n\t\tmatch status 200\n\t}\n\theader /x/* {\n\t\tAccess-Control-Allow-Origin https://app.example.com\n\t\tmatch status 4xx\n\t}\n\trespond a\n", "", ""},
		"closed for all":          {site + shared + "\trespond /internal/* 403\n\t@pre method OPTIONS\n\trespond @pre 204\n\trespond a\n", "", ""},
		"no guard, but for all":   {site + shared + "\t@pre method OPTIONS\n\trespond @pre 403\n\trespond a\n", "broken Caddyfile:6 preflight", ""},
		"others, with a key":      {site + "\troute {\n\t\theader Access-Control-Allow-Origin *\n\t\t@key header X-Api-Key *\n\t\theader @key Access-Control-Allow-Origin https://app.example.com\n\t\theader Access-Control-Allow-Headers X-Api-Key\n\t\t@o method OPTIONS\n\t\trespond @o 204\n\t\trespond a\n\t}\n", "", ""},
		"a path nobody answers":   {site + "\theader {\n\t\tAccess-Control-Allow-Origin https://app.example.com\n\t\tdefer\n\t}\n\thandle_path /a/* {\n\t\treverse_proxy localhost:1\n\t}\n", "fragile Caddyfile:3 error", ""},
		"a * beside credentials":  {site + "\theader Access-Control-Allow-Origin https://app.example.com\n\theader Access-Control-Allow-Credentials true\n\theader Access-Control-Expose-Headers *\n\trespond a\n", "note Caddyfile:4 no-effect", "list the names"},
		"a *, and no credentials": {site + "\theader Access-Control-Allow-Origin https://app.example.com\n\theader Access-Control-Expose-Headers *\n\trespond a\n", "", ""},
		"for some answers":        {site + "\theader {\n\t\tAccess-Control-Allow-Origin https://app.example.com\n\t\tmatch header X-Public 1\n\t}\n\trespond a\n", "", ""},
		"taken from a method":     {site + shared + "\t@w method PUT\n\theader @w -Access-Control-Allow-Origin\n\t@pre method OPTIONS\n\trespond @pre 204\n\trespond a\n", "note Caddyfile:6 exception", ""},
		"real, taken from errors": {site + shared + "\t@pre method OPTIONS\n\trespond @pre 204\n\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t}\n\thandle_errors {\n\t\theader -Access-Control-Allow-Origin\n\t\trespond oops\n\t}\n", "fragile Caddyfile:11 error", ""},
		"fewer methods below": {
			site + shared + "\t@pre method OPTIONS\n\thandle /ro/* {\n\t\theader Access-Control-Allow-Methods GET\n\t\trespond @pre 204\n\t\trespond a\n\t}\n\thandle {\n\t\trespond @pre 204\n\t\trespond b\n\t}\n",
			"note Caddyfile:7 exception", "",
		},
		"real, by a map of Origin": {site + "\tmap {header.Origin} {ok} {\n\t\t~example\\.com yes\n\t\tdefault no\n\t}\n\t@ok expression `{ok} == \"yes\"`\n\theader @ok Access-Control-Allow-Origin {header.Origin}\n" +
			"\theader @ok Access-Control-Allow-Credentials true\n" + answered, "security Caddyfile:7 stranger", "that lists the origins"},
		"by a variable": {site + "\t@a header Origin https://app.example.com\n\tvars @a tier full\n\t@full vars tier full\n\theader @full Access-Control-Allow-Origin {header.Origin}\n" + answered, "", ""},
		"real, and no map is blamed": {site + "\tmap {header.Origin} {ok} {\n\t\thttps://app.example.com yes\n\t\tdefault no\n\t}\n\t@ok vars {ok} yes\n\theader @ok Access-Control-Allow-Origin {header.Origin}\n" +
			"\theader @ok Access-Control-Allow-Credentials true\n\theader Vary Origin\n\treverse_proxy localhost:1\n", "fragile Caddyfile:7 upstream", ""},
		"a field beside another": {site + "\t@pre {\n\t\tmethod OPTIONS\n\t\theader Access-Control-Request-Headers *x-grpc-web*\n\t}\n\t@grpc header Content-Type application/grpc-web*\n\theader @pre Access-Control-Allow-Origin https://app.example.com\n" +
			"\theader @pre Access-Control-Allow-Headers \"content-type, x-grpc-web\"\n\trespond @pre 204\n\theader @grpc Access-Control-Allow-Origin https://app.example.com\n\trespond a\n", "", ""},
		"an edit of what the upstream sends":   {site + "\treverse_proxy localhost:1 {\n\t\theader_down Access-Control-Allow-Origin ^http://(.*)$ https://$1\n\t}\n", "", ""},
		"by a map of whom it keeps out":        {site + "\tmap {header.Origin} {bad} {\n\t\thttps://evil.example yes\n\t\tdefault no\n\t}\n\t@ok vars {bad} no\n\theader @ok Access-Control-Allow-Origin *\n" + answered, "", ""},
		"real, behind a matcher of some hosts": {"*.example.com {\n\t@x header_regexp Host ^t[0-9]+\\.\n\theader @x Access-Control-Allow-Origin {header.Origin}\n\theader @x Access-Control-Allow-Credentials true\n" + answered, "security Caddyfile:3 stranger", ""},
		"real, taken from all":                 {site + shared + "\theader -Access-Control-Allow-Origin\n\trespond a\n", "broken Caddyfile:2 no-effect", "remove the deletion"},
		"real, taken from preflights":          {site + shared + "\t@pre method OPTIONS\n\theader @pre -Access-Control-Allow-Origin\n\trespond @pre 204\n\trespond a\n", "broken Caddyfile:6 preflight", ""},
		"real, taken from whatever answers":    {site + shared + "\thandle /api/* {\n\t\theader -Access-Control-Allow-Origin\n\t\trespond a\n\t}\n", "broken Caddyfile:2 no-effect", ""},
		"not http, in CEL": {
			site + "\t@o expression `!{header.Origin}.startsWith('http://')`\n\theader @o Access-Control-Allow-Origin {header.Origin}\n\theader @o Access-Control-Allow-Credentials true\n" + answered,
			"security Caddyfile:3 stranger", "lists the origins",
		},
		"an origin and a field": {
			site + "\t@m {\n\t\theader Origin https://app.example.com\n\t\theader X-Internal 1\n\t}\n\theader @m Access-Control-Allow-Origin https://app.example.com\n" + answered,
			"broken Caddyfile:6 preflight", "match a path in place of the header",
		},
		"a map of all":                          {site + "\tmap {header.Origin} {o} {\n\t\t~.* ${0}\n\t\tdefault \"\"\n\t}\n\theader Access-Control-Allow-Origin {o}\n" + answered, "note Caddyfile:6 reflection", ""},
		"a map of all, credentials":             {site + "\tmap {header.Origin} {o} {\n\t\t~.* ${0}\n\t\tdefault \"\"\n\t}\n\theader Access-Control-Allow-Origin {o}\n\theader Access-Control-Allow-Credentials true\n" + answered, "security Caddyfile:6 stranger", ""},
		"a map of paths":                        {site + "\tmap {path} {o} {\n\t\t/a.json https://owner.example\n\t\tdefault \"\"\n\t}\n\theader Access-Control-Allow-Origin {o}\n" + answered, "", ""},
		"a map of hosts":                        {"a.example.com b.example.com {\n\tmap {host} {o} {\n\t\ta.example.com https://a.example\n\t\tb.example.com https://b.example\n\t}\n\theader Access-Control-Allow-Origin {o}\n" + answered, "", ""},
		"vars of paths":                         {site + "\tvars /a/* o https://a.example\n\tvars /b/* o https://b.example\n\theader Access-Control-Allow-Origin {vars.o}\n" + answered, "", ""},
		"a star by vars, for a path":            {site + "\tvars o https://a.example\n\tvars /pub/* o *\n\theader Access-Control-Allow-Origin {vars.o}\n" + answered, "", ""},
		"a star by a map, for a path":           {site + "\tmap {path} {o} {\n\t\t~^/pub/ *\n\t\tdefault https://a.example\n\t}\n\theader Access-Control-Allow-Origin {o}\n\theader /pub/x X-A b\n" + answered, "", ""},
		"a star for the others":                 {site + "\tmap {header.Origin} {o} {\n\t\thttps://a.example https://a.example\n\t\tdefault *\n\t}\n\theader Access-Control-Allow-Origin {o}\n\theader Access-Control-Allow-Credentials true\n" + answered, "", ""},
		"real, a star in another variable":      {site + "\tvars colour *\n\tvars o https://a.example\n\t@o header Origin *\n\tvars @o o {header.Origin}\n\theader Access-Control-Allow-Origin {vars.o}\n\theader Access-Control-Allow-Credentials true\n" + answered, "security Caddyfile:6 stranger security Caddyfile:6 null", ""},
		"real, credentials with a star by vars": {site + "\tvars o https://a.example\n\tvars /pub/* o *\n\theader Access-Control-Allow-Origin {vars.o}\n\theader Access-Control-Allow-Credentials true\n" + answered, "broken Caddyfile:4 credentials", ""},
		"a guard that refuses":                  {site + "\t@bad not header Origin https://app.example.com\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\trespond @bad 403\n" + answered, "", ""},
		"a guard that says so":                  {site + "\t@bad not header Origin https://app.example.com\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\terror @bad \"not you\" 403\n" + answered, "", ""},
		"a guard, and preflights":               {site + "\t@bad not header Origin https://app.example.com\n" + strings.Replace(shared, "https://app.example.com", "{header.Origin}", 1) + "\trespond @bad 403\n\t@o method OPTIONS\n\trespond @o 204\n" + answered, "", ""},
		"a guard in front":                      {site + "\troute {\n\t\t@bad not header Origin https://app.example.com\n\t\trespond @bad 403\n\t\theader Access-Control-Allow-Origin *\n\t\trespond hi\n\t}\n", "", ""},
		"a guard in a handle":                   {site + "\t@bad not header Origin https://app.example.com\n\thandle @bad {\n\t\trespond 403\n\t}\n\thandle {\n\t\theader Access-Control-Allow-Origin *\n\t\trespond hi\n\t}\n", "", ""},
		"nothing but a refusal":                 {site + "\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\theader Vary Origin\n\trespond \"\" 403\n", "", ""},
		"real, a guard of some paths":           {site + "\t@bad {\n\t\tpath /admin/*\n\t\tnot header Origin https://app.example.com\n\t}\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\trespond @bad 403\n" + answered, "security Caddyfile:6 stranger", ""},
		"real, a refusal that tells":            {site + "\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\theader Vary Origin\n\trespond \"not you, {cookie.user}\" 403\n", "security Caddyfile:2 stranger", ""},
		"real, a guard without a dot":           {site + "\t@bad not header Origin *example.com\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\trespond @bad 403\n" + answered, "security Caddyfile:3 stranger", ""},
		"real, behind a guard":                  {site + "\t@bad not header Origin https://app.example.com\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Vary Origin\n\trespond @bad 403\n\treverse_proxy localhost:1\n", "fragile Caddyfile:3 upstream", ""},
		"real, a map of paths before a proxy":   {site + "\tmap {path} {o} {\n\t\t~^/api https://owner.example\n\t\tdefault \"\"\n\t}\n\theader Access-Control-Allow-Origin {o}\n\treverse_proxy localhost:1\n", "fragile Caddyfile:6 upstream", ""},
		"real, vars of all":                     {site + "\tvars o https://a.example/\n\theader Access-Control-Allow-Origin {vars.o}\n" + answered, "broken Caddyfile:3 unreadable", ""},
		"credentials for one": {site + "\t@app header Origin https://app.example.com\n\t@others not header Origin https://app.example.com\n\theader @app Access-Control-Allow-Origin https://app.example.com\n" +
			"\theader @app Access-Control-Allow-Credentials true\n\theader @others Access-Control-Allow-Origin *\n" + answered, "", ""},
		"real, credentials for one": {site + "\t@app header Origin https://app.example.com\n\theader Access-Control-Allow-Origin *\n\theader @app Access-Control-Allow-Credentials true\n" + answered, "broken Caddyfile:3 credentials", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := lint.Caddyfile("Caddyfile", []byte(c.text+"}\n"), lint.Options{})
			if err != nil || report.Err != nil {
				t.Fatal(err, report.Err)
			}
			var found, cures []string
			for _, f := range report.Findings {
				found = append(found, string(f.Severity), f.Place(), f.ID)
				cures = append(cures, f.Cure)
			}
			if got := strings.Join(found, " "); got != c.found {
				t.Errorf("%q, want %q", got, c.found)
			}
			if all := strings.Join(cures, "\n"); !strings.Contains(all, c.cure) {
				t.Errorf("no %q in %q", c.cure, all)
			}
		})
	}
}
