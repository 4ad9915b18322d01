package main

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/quic-go/quic-go"
)

// serve listens on a port of its own.
func serve(given setup) (int, error) {
	certificate, err := tls.LoadX509KeyPair(given.CertificateFile, given.PrivateKeyFile)
	if err != nil {
		return 0, err
	}
	trust := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{alpn}}
	listener, err := quic.ListenAddr("127.0.0.1:0", trust, transport)
	if err != nil {
		return 0, err
	}
	go func() {
		for {
			connection, err := listener.Accept(context.Background())
			if err != nil {
				return
			}
			go serveConnection(connection)
		}
	}()
	return listener.Addr().(*net.UDPAddr).Port, nil
}

func serveConnection(connection *quic.Conn) {
	for {
		stream, err := connection.AcceptStream(context.Background())
		if err != nil {
			return
		}
		go serveStream(stream)
	}
}

func serveStream(stream *quic.Stream) {
	if err := exchange(stream); err != nil {
		stream.CancelWrite(1)
		stream.CancelRead(1)
	}
}

// exchange reads all there is, then sends as many bytes as were asked for.
func exchange(stream *quic.Stream) error {
	var head [headBytes]byte
	if _, err := io.ReadFull(stream, head[:]); err != nil {
		return err
	}
	if head[0] != exchangeJob {
		return fmt.Errorf("job %d is not done here", head[0])
	}
	if _, err := countRest(stream); err != nil {
		return err
	}
	if err := sendBytes(stream, binary.BigEndian.Uint64(head[1:])); err != nil {
		return err
	}
	return stream.Close()
}

var block [blockBytes]byte

func sendBytes(stream io.Writer, bytes uint64) error {
	for bytes > 0 {
		piece := min(bytes, blockBytes)
		if _, err := stream.Write(block[:piece]); err != nil {
			return err
		}
		bytes -= piece
	}
	return nil
}
