package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
)

// As in bench/jobs.ts.
const (
	connections        = 16
	inFlight           = 4
	handshakesInFlight = 16
	requestsTime       = 2000 * time.Millisecond
	latencyTime        = 1000 * time.Millisecond
	handshakesTime     = 1500 * time.Millisecond
	acknowledgement    = 8
)

type dial func() (*quic.Conn, error)

// prepare makes the function that does so many rounds as one, and tells the figure.
func prepare(given setup) (func(rounds int) (float64, error), error) {
	connect, err := dialer(given.Target)
	if err != nil {
		return nil, err
	}
	if given.Job == "handshakes" {
		return func(rounds int) (float64, error) {
			work := repeat(handshakesInFlight, func(int) error { return handshake(connect) })
			return perSecond(times(rounds, handshakesTime), work)
		}, nil
	}
	if given.Job == "firstUpload" {
		return func(int) (float64, error) { return firstUpload(connect, given.Bytes) }, nil
	}
	count := 1
	if given.Job == "requests" {
		count = connections
	}
	opened := make([]*quic.Conn, count)
	for i := range opened {
		if opened[i], err = connect(); err != nil {
			return nil, err
		}
	}
	switch given.Job {
	case "upload":
		return func(rounds int) (float64, error) {
			bytes := given.Bytes * uint64(rounds)
			return gigabits(bytes, func() error { return request(opened[0], bytes, acknowledgement) })
		}, nil
	case "download":
		return func(rounds int) (float64, error) {
			bytes := given.Bytes * uint64(rounds)
			return gigabits(bytes, func() error { return request(opened[0], 0, bytes) })
		}, nil
	case "requests":
		return func(rounds int) (float64, error) {
			work := repeat(connections*inFlight, func(slot int) error {
				return request(opened[slot%connections], requestBytes, answerBytes)
			})
			return perSecond(times(rounds, requestsTime), work)
		}, nil
	case "latency":
		return func(rounds int) (float64, error) {
			return latency(opened[0], times(rounds, latencyTime))
		}, nil
	}
	return nil, fmt.Errorf("quic-go's program does not do the job %s", given.Job)
}

func dialer(to target) (dial, error) {
	pem, err := os.ReadFile(to.CertificateFile)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	trust := &tls.Config{RootCAs: trusted, ServerName: "localhost", NextProtos: []string{alpn}}
	address := fmt.Sprintf("127.0.0.1:%d", to.Port)
	return func() (*quic.Conn, error) {
		return quic.DialAddr(context.Background(), address, trust, transport)
	}, nil
}

// request sends bytes on a stream of its own, and waits for as many as it asks for.
func request(connection *quic.Conn, bytes, answer uint64) error {
	stream, err := connection.OpenStreamSync(context.Background())
	if err != nil {
		return err
	}
	head := make([]byte, headBytes, headBytes+requestBytes)
	binary.BigEndian.PutUint64(head[1:], answer)
	if bytes <= requestBytes { // in one piece, as others send it
		head = head[:headBytes+bytes]
		bytes = 0
	}
	if _, err := stream.Write(head); err != nil {
		return err
	}
	if err := sendBytes(stream, bytes); err != nil {
		return err
	}
	if err := stream.Close(); err != nil {
		return err
	}
	received, err := countRest(stream)
	if err == nil && received != answer {
		err = fmt.Errorf("answer has %d bytes instead of %d", received, answer)
	}
	return err
}

func handshake(connect dial) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	return connection.CloseWithError(0, "")
}

// firstUpload tells the milliseconds from nothing to bytes that the server has.
func firstUpload(connect dial, bytes uint64) (float64, error) {
	start := time.Now()
	connection, err := connect()
	if err != nil {
		return 0, err
	}
	defer connection.CloseWithError(0, "")
	if err := request(connection, bytes, acknowledgement); err != nil {
		return 0, err
	}
	return float64(time.Since(start).Microseconds()) / 1000, nil
}

func latency(connection *quic.Conn, duration time.Duration) (float64, error) {
	var taken []float64
	for begin := time.Now(); time.Since(begin) < duration; {
		start := time.Now()
		if err := request(connection, requestBytes, answerBytes); err != nil {
			return 0, err
		}
		taken = append(taken, float64(time.Since(start).Nanoseconds())/1000)
	}
	slices.Sort(taken)
	return taken[len(taken)/2], nil
}

func countRest(stream io.Reader) (uint64, error) {
	buffers := readBuffers.Get().(*[]byte)
	defer readBuffers.Put(buffers)
	var bytes uint64
	for {
		count, err := stream.Read(*buffers)
		bytes += uint64(count)
		if err == io.EOF {
			return bytes, nil
		}
		if err != nil {
			return bytes, err
		}
	}
}

var readBuffers = sync.Pool{New: func() any {
	buffer := make([]byte, 64<<10)
	return &buffer
}}

func gigabits(bytes uint64, move func() error) (float64, error) {
	start := time.Now()
	err := move()
	return float64(bytes) * 8 / 1e9 / time.Since(start).Seconds(), err
}

// times is how long so many rounds take as one.
func times(rounds int, duration time.Duration) time.Duration {
	return time.Duration(rounds) * duration
}

func repeat(count int, once func(slot int) error) []func() error {
	work := make([]func() error, count)
	for slot := range work {
		work[slot] = func() error { return once(slot) }
	}
	return work
}

// perSecond does work side by side, each again and again, from the first's start to the last's end.
func perSecond(duration time.Duration, work []func() error) (float64, error) {
	var count atomic.Uint64
	failures := make(chan error, len(work))
	var all sync.WaitGroup
	start := time.Now()
	for _, once := range work {
		all.Go(func() {
			for time.Since(start) < duration {
				if err := once(); err != nil {
					failures <- err
					return
				}
				count.Add(1)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(start).Seconds()
	select {
	case err := <-failures:
		return 0, err
	default:
		return float64(count.Load()) / elapsed, nil
	}
}
