package cors

import (
	_ "go.uber.org/zap"
	_ "golang.org/x/net/idna"
	_ "golang.org/x/net/publicsuffix"
)
