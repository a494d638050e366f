package origin

// Apps and extensions have names, too: a stranger's extension gets an id, and
// his app takes whatever name it likes. No pattern stands for several of them
// (https://*-shop is refused, as is chrome-extension://*), so an expression that
// leaves a part of such a name open accepts strangers: chrome-extension://[a-p]{32}.

// findApp returns an origin of an app or extension, part of whose name somebody
// else can choose.
func (a *audit) findApp(w ways) (example string, found bool) {
	s := a.newSearch(w.prog, "", &goal{kind: goalApp})
	example = s.run(w.r.matchesText)
	if example == "" && s.tooMuch {
		return tooLarge, true
	}
	return example, example != ""
}

// stepToApp begins the name, behind any scheme that has no default port.
func (s *search) stepToApp(from shape, b byte) []shape {
	if class[b]&isHostByte == 0 || defaultPorts[from.kind] != "" {
		return nil
	}
	return append(s.shapes[:0], shape{phase: inName, kind: from.kind, len: 1})
}
