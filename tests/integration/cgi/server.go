// A web application on Go's own net/http/cgi, which knows nothing of this host.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/app/form", func(w http.ResponseWriter, r *http.Request) {
		name, key, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s %s %s %s:%s", r.Method, r.Host, r.FormValue("name"), r.FormValue("page"), name, key)
	})
	mux.HandleFunc("/app/moved", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		http.Redirect(w, r, "/app/form?page=2", http.StatusSeeOther)
	})
	mux.HandleFunc("/app/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		io.Copy(w, r.Body)
	})
	cgi.Serve(mux)
}
