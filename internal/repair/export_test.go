package repair

// Tampered repairs with drafts that were changed behind the back of the proof.
func Tampered(name string, body []byte, change func(head, options []string) (newHead, newOptions []string)) (*Result, error) {
	w, err := open(name, body, Options{})
	if err != nil {
		return nil, err
	}
	defer w.close()
	for _, j := range w.jobs {
		for _, d := range j.drafts {
			var head []string
			for _, o := range d.head {
				head = append(head, o.text)
			}
			head, d.body = change(head, d.body)
			d.head = nil
			for _, o := range head {
				d.head = append(d.head, claim{text: o, value: o})
			}
		}
	}
	w.work()
	return w.result(), nil
}
