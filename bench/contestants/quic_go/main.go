// quic-go at both ends, with the protocol of bench/contestants/deno_quic/wire.ts. A process of the
// benchmarks (bench/peer_role.ts): set up by its second argument, it tells on standard output that it is
// ready, and answers the questions that come on standard input until that ends.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"

	"github.com/quic-go/quic-go"
)

const (
	alpn          = "msquicd-bench"
	requestBytes  = 512
	answerBytes   = 4000
	blockBytes    = 1 << 20
	headBytes     = 9
	exchangeJob   = 0
	streamWindow  = 16 << 20
	connectWindow = 64 << 20
)

// transport has a worker's limits, and windows that are never in the way.
var transport = &quic.Config{
	MaxIncomingStreams:             256,
	InitialStreamReceiveWindow:     streamWindow,
	MaxStreamReceiveWindow:         streamWindow,
	InitialConnectionReceiveWindow: connectWindow,
	MaxConnectionReceiveWindow:     connectWindow,
}

type setup struct {
	CertificateFile string `json:"certificateFile"`
	PrivateKeyFile  string `json:"privateKeyFile"`
	Target          target `json:"target"`
	Job             string `json:"job"`
	Bytes           uint64 `json:"bytes"`
}

type target struct {
	Port            int    `json:"port"`
	CertificateFile string `json:"certificateFile"`
}

type question struct {
	Rounds int `json:"rounds"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: quic_go server|client SETUP")
		os.Exit(2)
	}
	signal.Ignore(os.Interrupt) // a terminal sends it to all
	var given setup
	if err := json.Unmarshal([]byte(os.Args[2]), &given); err != nil {
		tell(nil, err)
		return
	}
	if os.Args[1] == "server" {
		port, err := serve(given)
		tell(map[string]any{"port": port, "token": ""}, err)
		answer(func(int) (float64, error) { return 0, fmt.Errorf("servers are asked nothing") })
		return
	}
	round, err := prepare(given)
	tell(nil, err)
	if err == nil {
		answer(round)
	}
}

func answer(round func(rounds int) (float64, error)) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			tell(nil, err)
			continue
		}
		value, err := round(asked.Rounds)
		tell(value, err)
	}
}

func tell(value any, err error) {
	reply := map[string]any{"value": value}
	if err != nil {
		reply = map[string]any{"error": err.Error()}
	}
	line, _ := json.Marshal(reply)
	fmt.Println(string(line))
}
