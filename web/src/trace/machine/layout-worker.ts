/** The layout engine, beside the page: it takes some hundred milliseconds. It answers the messages of `elk-api`. */
import "elkjs/lib/elk-worker.min.js"
