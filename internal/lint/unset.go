package lint

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// variable is {$NAME} without a default.
var variable = regexp.MustCompile(`\{\$([^{}:]+)\}`)

// unset finds the variables without which a line of a cors block would widen its
// policy: `credentials {$X}` is the word alone when X is not set, and `except
// {$X}` excepts nobody. Only reading the file shows them, since Caddy fills them
// in before anybody else sees the tokens.
func unset(filename string, body []byte) (found []Finding) {
	tokens, err := caddyfile.Tokenize(body, filename)
	if err != nil {
		return nil
	}
	depth, inside := 0, 0 // inside: the depth of the cors block that is being read
	for start := 0; start < len(tokens); {
		end := start + 1
		for end < len(tokens) && tokens[end].Line == tokens[end-1].Line {
			end++
		}
		line := tokens[start:end]
		if inside > 0 && depth >= inside {
			found = append(found, unsetIn(filename, line)...)
		}
		opens := line[len(line)-1].Text == "{"
		switch {
		case opens:
			depth++
			if line[0].Text == "cors" && inside == 0 {
				inside = depth
			}
		case line[0].Text == "}":
			if depth == inside {
				inside = 0
			}
			depth--
		}
		start = end
	}
	return found
}

func unsetIn(filename string, line []caddyfile.Token) (found []Finding) {
	option := line[0].Text
	var effect string
	switch option {
	case "credentials", "allow_credentials":
		effect = "where the variable is not set, the word stands alone and turns credentials on"
	case "except":
		effect = "where the variable is not set, it takes nobody away"
	default:
		return nil
	}
	for _, word := range line[1:] {
		name := variable.FindStringSubmatch(word.Text)
		if name == nil {
			continue
		}
		now := "is set now"
		if _, is := os.LookupEnv(name[1]); !is {
			now = "is not set now"
		}
		with := strings.Replace(word.Text, name[0], "{$"+name[1]+":false}", 1)
		if option == "except" {
			with = strings.Replace(word.Text, name[0], "{$"+name[1]+":https://excepted.invalid}", 1)
		}
		found = append(found, Finding{
			ID: "unset-variable", File: filename, Line: word.Line,
			Problem: fmt.Sprintf("`%s %s` has a variable without a default; %s %s", option, word.Text, name[1], now),
			Effect:  effect,
			Cure:    fmt.Sprintf("write `%s %s`", option, with),
		})
	}
	return found
}
