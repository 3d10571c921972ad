// The system's OpenSSL, as Swift sees it: what its headers give as macros, which Swift does not import.
#ifndef FENLIU_COPENSSL_SHIM_H
#define FENLIU_COPENSSL_SHIM_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// TLS 1.2 or newer, no renegotiation. A write may be repeated from another place in memory, and may take only
// a part. A connection that ends without TLS's own goodbye counts as ended, as Redis ends them.
static inline int fenliu_tls_configure(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

// Names the server in the greeting (SNI), for servers that have several certificates.
static inline int fenliu_tls_name(SSL *ssl, const char *host) { return (int)SSL_set_tlsext_host_name(ssl, host); }

static inline int fenliu_tls_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int fenliu_tls_error_library(unsigned long code) { return ERR_GET_LIB(code); }

#endif
