package bench

import (
	"net/http"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v3"
	fibercors "github.com/gofiber/fiber/v3/middleware/cors"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	rscors "github.com/rs/cors"

	cors "github.com/caddy-cors/caddy-cors"
)

// contender is an implementation of CORS. With a nil list it is the stack that
// it runs in, without CORS.
type contender struct {
	name      string
	wildcards bool // it has some for https://*.example.com
	build     func(t testing.TB, origins []string) exchange
}

// contenders lists this handler and its peers. Where a peer comes as a part of
// a framework, the framework's router is in the measure; BenchmarkStack shows
// how much that is.
var contenders = []contender{
	{"cors", true, buildOurs},
	{"least", true, buildLeast}, // the limit, and no peer
	{"rs", true, buildRS},
	{"chi", true, buildChi},
	{"gin", true, buildGin},
	{"echo", false, buildEcho}, // a function of one's own could do anything
	{"fiber", true, buildFiber},
}

// next is what all of those that speak net/http have behind them.
var next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })

func buildOurs(t testing.TB, origins []string) exchange {
	t.Helper()
	if origins == nil {
		return newNetHTTP(func(w http.ResponseWriter, r *http.Request) { _ = nextInCaddy(w, r) })
	}
	h := handler(origins)
	if err := h.Provision(caddyContext(t)); err != nil {
		t.Fatal(err)
	}
	return newInCaddy(h)
}

// nextInCaddy is next, for Caddy.
var nextInCaddy caddyhttp.HandlerFunc = func(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusOK)
	return nil
}

func handler(origins []string) *cors.Handler {
	h := &cors.Handler{Origins: origins}
	h.Credentials = new(true)
	h.Methods = allowedMethods
	h.Headers = allowedHeaders
	h.Expose = exposedHeaders
	return h
}

func buildRS(_ testing.TB, origins []string) exchange {
	if origins == nil {
		return newNetHTTP(next)
	}
	return newNetHTTP(rscors.New(rscors.Options{
		AllowedOrigins:   origins,
		AllowedMethods:   allowedMethods,
		AllowedHeaders:   allowedHeaders,
		ExposedHeaders:   exposedHeaders,
		MaxAge:           int(maxAge.Seconds()),
		AllowCredentials: true,
	}).Handler(next).ServeHTTP)
}

func buildChi(_ testing.TB, origins []string) exchange {
	if origins == nil {
		return newNetHTTP(next)
	}
	return newNetHTTP(chicors.Handler(chicors.Options{
		AllowedOrigins:   origins,
		AllowedMethods:   allowedMethods,
		AllowedHeaders:   allowedHeaders,
		ExposedHeaders:   exposedHeaders,
		MaxAge:           int(maxAge.Seconds()),
		AllowCredentials: true,
	})(next).ServeHTTP)
}

func buildGin(_ testing.TB, origins []string) exchange {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if origins != nil {
		engine.Use(gincors.New(gincors.Config{
			AllowOrigins:     origins,
			AllowMethods:     allowedMethods,
			AllowHeaders:     allowedHeaders,
			ExposeHeaders:    exposedHeaders,
			MaxAge:           maxAge,
			AllowCredentials: true,
			AllowWildcard:    true,
		}))
	}
	engine.Any("/", func(c *gin.Context) { c.Status(http.StatusOK) })
	return newNetHTTP(engine.ServeHTTP)
}

func buildEcho(_ testing.TB, origins []string) exchange {
	e := echo.New()
	if origins != nil {
		e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
			AllowOrigins:     origins,
			AllowMethods:     allowedMethods,
			AllowHeaders:     allowedHeaders,
			ExposeHeaders:    exposedHeaders,
			MaxAge:           int(maxAge.Seconds()),
			AllowCredentials: true,
		}))
	}
	e.Any("/", func(c *echo.Context) error {
		c.Response().WriteHeader(http.StatusOK)
		return nil
	})
	return newNetHTTP(e.ServeHTTP)
}

func buildFiber(_ testing.TB, origins []string) exchange {
	app := fiber.New()
	if origins != nil {
		app.Use(fibercors.New(fibercors.Config{
			AllowOrigins:     origins,
			AllowMethods:     allowedMethods,
			AllowHeaders:     allowedHeaders,
			ExposeHeaders:    exposedHeaders,
			MaxAge:           int(maxAge.Seconds()),
			AllowCredentials: true,
		}))
	}
	app.All("/", func(c fiber.Ctx) error {
		c.Status(http.StatusOK)
		return nil
	})
	return &fastHTTP{handler: app.Handler()}
}
