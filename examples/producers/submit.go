// go get github.com/rabbitmq/amqp091-go
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log"
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	url := os.Getenv("AMQP_URL")
	if url == "" {
		url = "amqp://guest:guest@127.0.0.1:5672"
	}
	connection, err := amqp.Dial(url)
	check(err)
	defer connection.Close()
	channel, err := connection.Channel()
	check(err)
	check(channel.Confirm(false))
	confirms := channel.NotifyPublish(make(chan amqp.Confirmation, 1))
	id := make([]byte, 16)
	rand.Read(id)
	check(channel.PublishWithContext(context.Background(), "longhaul.submit", "debug.echo", false, false, amqp.Publishing{
		MessageId:    hex.EncodeToString(id),
		ContentType:  "application/json",
		DeliveryMode: amqp.Persistent,
		Body:         []byte(`{"value":"from go"}`),
	}))
	if confirm := <-confirms; !confirm.Ack {
		log.Fatal("not accepted")
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
