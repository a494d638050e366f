package origins

import "github.com/caddy-cors/caddy-cors/internal/policy"

// What the tests in package origins_test use. They load the handler, which
// imports this package.
type Endpoint = endpoint

const ListKey = listKey

var Reloads = &reloads

var (
	Must         = must
	Eventually   = eventually
	WriteFile    = writeFile
	OpenHandles  = openHandles
	NewEndpoint  = newEndpoint
	Files        = files
	Store        = store
	StartFile    = startFile
	StartStorage = startStorage
	WantAnswer   = wantAnswer
	ComesToSay   = comesToSay
)

// Questions is how often the endpoint was asked.
func (e *endpoint) Questions() int { return e.questions() }

// References says how many sources share the list of a file, and how many that
// of a storage, under the rules of an ordinary policy.
func References(file, storageDir string) (ofFile, ofStorage int) {
	ofFile, _ = sourcePool.References(fileKey{file, policy.SourceRules{}})
	ofStorage, _ = sourcePool.References(storageKey{storageIdentity(files(storageDir)), listKey, minRefresh, policy.SourceRules{}})
	return ofFile, ofStorage
}
