package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// An authority makes certificates for every host a browser asks for. Its keys live and die with the process.
type authority struct {
	now    func() time.Time
	root   *x509.Certificate
	key    *ecdsa.PrivateKey
	spki   string // base64 of the SHA-256 of the root's public key
	mu     sync.Mutex
	leaves map[string]*tls.Certificate
	serial int64

	tickets [32]byte // the key by which sessions of TLS are taken up again
}

const (
	lifetime  = 24 * time.Hour
	maxLeaves = 1024 // certificates kept; a host beyond that gets a new one for each connection
)

func newAuthority(now func() time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("lab: making a key: %w", err)
	}
	root := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "corsim lab, this run only"},
		NotBefore:             now().Add(-time.Hour),
		NotAfter:              now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("lab: making a certificate: %w", err)
	}
	root, err = x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("lab: making a certificate: %w", err)
	}
	sum := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	var tickets [32]byte
	_, _ = rand.Read(tickets[:]) // never fails
	return &authority{
		now:     now,
		root:    root,
		key:     key,
		spki:    base64.StdEncoding.EncodeToString(sum[:]),
		leaves:  make(map[string]*tls.Certificate),
		serial:  1,
		tickets: tickets,
	}, nil
}

// pem returns the root certificate in PEM form.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
}

func (a *authority) config() *tls.Config {
	c := &tls.Config{
		MinVersion:       tls.VersionTLS12,
		NextProtos:       []string{"http/1.1"}, // the version whose header lines have an order and a case
		GetCertificate:   a.certificate,
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256}, // the cheapest
	}
	// A browser that has been to a host need not look at its certificate again.
	c.SetSessionTicketKeys([][32]byte{a.tickets})
	return c
}

// configFor is config for a connection of which it is known that it was meant for the host.
func (a *authority) configFor(host string) *tls.Config {
	c := a.config()
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != "" {
			return a.certificateFor(hello.ServerName)
		}
		return a.certificateFor(host)
	}
	return c
}

// certificate answers for the host name in the handshake, or for the address when there is none.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := hello.ServerName
	if host == "" {
		host = "127.0.0.1"
		if h, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String()); err == nil {
			host = h
		}
	}
	return a.certificateFor(host)
}

func (a *authority) certificateFor(host string) (*tls.Certificate, error) {
	host = strings.TrimSuffix(host, ".") // which is no part of names in certificates
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.leaves[host]; c != nil {
		return c, nil
	}
	a.serial++
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial),
		Subject:      pkix.Name{CommonName: "corsim lab"},
		NotBefore:    a.root.NotBefore,
		NotAfter:     a.root.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.root, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("lab: making a certificate for %q: %w", host, err)
	}
	c := &tls.Certificate{Certificate: [][]byte{der, a.root.Raw}, PrivateKey: a.key}
	if len(a.leaves) < maxLeaves {
		a.leaves[host] = c
	}
	return c, nil
}
