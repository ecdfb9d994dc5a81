// Repacks provider archives as the release tool before this one did, with the standard library alone:
// reads a tar.gz as a stream, writes its files into a zip, takes the sha256 of the zip on the way. One
// archive after another, unless told otherwise.
//
//	repack [-at-once N] ARCHIVE ZIP PROGRAM [ARCHIVE ZIP PROGRAM ...]
//
// PROGRAM is the name of the archive's file in the zip: that tool kept the one of the archive, but both
// sides of a comparison have to make the same files. Prints the checksum of each zip, as sha256sum does.
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

type job struct{ archive, zip, program string }

func main() {
	atOnce := flag.Int("at-once", 1, "how many archives are repacked at once")
	flag.Parse()
	if err := repackAll(flag.Args(), *atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func repackAll(args []string, atOnce int) error {
	if len(args)%3 != 0 || atOnce < 1 {
		return errors.New("usage: repack [-at-once N] ARCHIVE ZIP PROGRAM ...")
	}
	jobs := make(chan job, len(args)/3)
	for ; len(args) > 0; args = args[3:] {
		jobs <- job{args[0], args[1], args[2]}
	}
	close(jobs)
	done := make(chan error, atOnce)
	for worker := 0; worker < atOnce; worker++ {
		go func() {
			for each := range jobs {
				if err := repack(each); err != nil {
					done <- fmt.Errorf("%s: %w", each.archive, err)
					return
				}
			}
			done <- nil
		}()
	}
	for worker := 0; worker < atOnce; worker++ {
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

func repack(each job) error {
	archive, err := os.Open(each.archive)
	if err != nil {
		return err
	}
	defer archive.Close()
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	output, err := os.Create(each.zip)
	if err != nil {
		return err
	}
	defer output.Close()
	sum := sha256.New()
	writer := zip.NewWriter(io.MultiWriter(output, sum))
	if err := copyFiles(writer, tar.NewReader(unzipped), each.program); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if err := output.Close(); err != nil {
		return err
	}
	fmt.Printf("%x  %s\n", sum.Sum(nil), each.zip)
	return nil
}

func copyFiles(to *zip.Writer, from *tar.Reader, program string) error {
	for {
		member, err := from.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if member.Typeflag != tar.TypeReg {
			continue
		}
		header := &zip.FileHeader{Name: program, Method: zip.Deflate}
		header.SetMode(0o755)
		file, err := to.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := io.Copy(file, from); err != nil {
			return err
		}
	}
}
