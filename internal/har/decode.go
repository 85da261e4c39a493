package har

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

const (
	// DefaultMaxEntry is how many bytes of JSON one entry may have when
	// [Decoder.MaxEntry] is zero.
	DefaultMaxEntry = 256 << 20

	maxKey      = 4 << 10  // bytes of a key of log, as JSON
	maxMeta     = 1 << 20  // bytes of creator, browser, comment or one page, as JSON
	maxPageText = 16 << 20 // bytes kept of all pages
	maxList     = 1 << 16  // headers, cookies or parameters in one list
	pageCost    = 96       // bytes a page costs beside its text
)

// An Error says what is wrong with an archive, and where.
type Error struct {
	Entry  int    // index in log.entries, from 0; -1 when the fault is in no entry
	Field  string // within the entry ("response.headers[2].value"), or of the file ("log.pages[0]"); may be empty
	Offset int64  // bytes from where reading began to the value at fault
	Cause  string // what it is and what would be right
	Err    error  // the reader's error, or [io.ErrUnexpectedEOF] when the file ends too early; otherwise nil
}

// Error returns one line.
func (e *Error) Error() string {
	where := e.Field
	if e.Entry >= 0 {
		where = fmt.Sprintf("log.entries[%d]", e.Entry)
		if e.Field != "" {
			where += "." + e.Field
		}
	}
	if where == "" {
		where = "the file"
	}
	return fmt.Sprintf("har: %s at byte %d: %s", where, e.Offset, e.Cause)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// state is where in the file a Decoder stands.
type state uint8

const (
	atStart   state = iota
	inFile          // among the members of the outermost object
	inLog           // among the members of log
	inPages         // among the elements of log.pages
	inEntries       // among the elements of log.entries
	atTail          // after the outermost object
	atEnd
)

// A Decoder reads an archive entry by entry. [NewDecoder] and [Open] make one.
type Decoder struct {
	// MaxEntry is how many bytes of JSON an entry may have; a larger one is an
	// error and is skipped. 0 is [DefaultMaxEntry]. Set it before the first Next.
	MaxEntry int

	in         framer
	state      state
	buf        []byte // of the entry before, to be used again
	log        Log
	byID       map[string]int // index in log.Pages
	pageText   int            // bytes that log.Pages costs
	pagesDone  bool           // an earlier pass has read the pages
	headOnly   bool           // stop as soon as all of Log is known; skip entries
	entries    int            // read so far
	pages      int            // read so far
	sawLog     bool
	sawEntries bool
}

// NewDecoder returns a Decoder that reads r once, from where it stands. A page that the file
// lists after its entries is known only after those have been read; see [Open].
func NewDecoder(r io.Reader) *Decoder {
	return &Decoder{in: framer{r: bufio.NewReaderSize(r, 64<<10)}}
}

// Open returns a Decoder that knows all pages before it reads the first entry.
// It reads r up to the last page, which is all of it when pages come last, and
// then goes back to where r stood. The error tells that r cannot be read or
// seeked, or that it holds no archive.
func Open(r io.ReadSeeker) (*Decoder, error) {
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("har: finding the place in the file: %w", err)
	}
	head := NewDecoder(r)
	head.headOnly = true
	for {
		_, err := head.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !head.sawEntries && head.state == atEnd {
			return nil, err
		}
		// Anything else is met again, and reported, when the entries are read.
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return nil, fmt.Errorf("har: going back to byte %d of the file: %w", start, err)
	}
	d := NewDecoder(r)
	d.log, d.byID, d.pagesDone = head.log, head.byID, true
	return d, nil
}

// Log returns what is known of the archive so far, its entries aside. All of it
// is known once Next has returned [io.EOF]; after [Open] it is known at once,
// save for a browser, creator or comment that follows the entries of a file
// whose pages precede them. The slice is the caller's not to change.
func (d *Decoder) Log() Log {
	l := d.log
	l.Pages = l.Pages[:len(l.Pages):len(l.Pages)]
	return l
}

// Page returns the first page of that ID among those known so far.
func (d *Decoder) Page(id string) (Page, bool) {
	i, ok := d.byID[id]
	if !ok {
		return Page{}, false
	}
	return d.log.Pages[i], true
}

// Entries yields what [Decoder.Next] returns, up to [io.EOF].
func (d *Decoder) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			e, err := d.Next()
			if errors.Is(err, io.EOF) || !yield(e, err) {
				return
			}
		}
	}
}

// Next returns the next entry, or [io.EOF] after the last. Any other error is
// an [*Error] about one entry, one page or the rest of the file, and comes with
// the zero Entry; in each case the caller may go on calling Next until it
// returns io.EOF.
func (d *Decoder) Next() (Entry, error) {
	for {
		var err error
		switch d.state {
		case atStart:
			err = d.readStart()
		case inFile:
			err = d.readFileMember()
		case inLog:
			err = d.readLogMember()
		case inPages:
			err = d.readPage()
		case inEntries:
			e, ok, err := d.readEntry()
			if ok || err != nil {
				return e, err
			}
		case atTail:
			err = d.readTail()
		default:
			return Entry{}, io.EOF
		}
		if err != nil {
			return Entry{}, err
		}
	}
}

// readStart reads up to the first member of the outermost object.
func (d *Decoder) readStart() error {
	// 1. A byte order mark says nothing, unless it says that this is no UTF-8.
	mark, err := d.in.r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return d.broken(err, "")
	}
	switch {
	case string(mark) == "\xEF\xBB\xBF":
		d.in.advance(3)
	case strings.HasPrefix(string(mark), "\xFE\xFF"), strings.HasPrefix(string(mark), "\xFF\xFE"):
		return d.fatal("", "is UTF-16; save it as UTF-8")
	case strings.HasPrefix(string(mark), "\x1F\x8B"):
		return d.fatal("", "is compressed with gzip; unpack it first")
	}
	// 2. The outermost value is an object.
	c, err := d.in.peek(false)
	if errors.Is(err, io.EOF) {
		return d.fatal("", "is empty, want a HAR file: {\"log\": {\"entries\": [...]}}")
	}
	if err != nil {
		return d.broken(err, "")
	}
	if c != '{' {
		return d.fatal("", fmt.Sprintf("begins with %q, want a HAR file: {\"log\": {\"entries\": [...]}}", c))
	}
	d.in.advance(1)
	d.state = inFile
	return nil
}

// readFileMember reads one member of the outermost object, or its end.
func (d *Decoder) readFileMember() error {
	key, ok, err := d.readKey("")
	if err != nil {
		return err
	}
	if !ok {
		d.state = atTail
		return nil
	}
	if key != "log" {
		return d.skip(keyText(key))
	}
	c, err := d.in.peek(false)
	if err != nil {
		return d.broken(err, "log")
	}
	if c != '{' {
		return d.fatal("log", fmt.Sprintf("begins with %q, want an object with entries", c))
	}
	d.in.advance(1)
	d.sawLog = true
	d.state = inLog
	return nil
}

// readLogMember reads one member of log, or its end. Lists are entered, not
// read.
func (d *Decoder) readLogMember() error {
	key, ok, err := d.readKey("log")
	if err != nil {
		return err
	}
	if !ok {
		d.state = inFile
		return nil
	}
	switch key {
	case "entries", "pages":
		c, err := d.in.peek(false)
		if err != nil {
			return d.broken(err, "log."+key)
		}
		if key == "pages" && c == 'n' {
			return d.skip("log.pages") // null is none
		}
		if c != '[' && key == "entries" {
			return d.fatal("log.entries", fmt.Sprintf("begins with %q, want a list", c))
		}
		if c != '[' {
			e := &Error{Entry: -1, Field: "log.pages", Offset: d.in.off, Cause: fmt.Sprintf("begins with %q, want a list", c)}
			if err := d.skip("log.pages"); err != nil {
				return err
			}
			return e
		}
		if key == "pages" {
			d.in.advance(1)
			d.state = inPages
			return nil
		}
		d.sawEntries = true
		if d.headOnly && d.pages > 0 {
			d.state = atEnd
			return nil
		}
		d.in.advance(1)
		d.state = inEntries
		return nil
	case "version", "creator", "browser", "comment":
		n, err := d.readSmall("log." + key)
		if err != nil {
			return err
		}
		switch key {
		case "version":
			d.log.Version = n.looseText()
		case "comment":
			d.log.Comment = n.looseText()
		case "creator":
			d.log.Creator = parseCreator(n)
		case "browser":
			d.log.Browser = parseCreator(n)
		}
		return nil
	}
	return d.skip("log." + keyText(key))
}

// readPage reads one element of log.pages, or its end.
func (d *Decoder) readPage() error {
	c, err := d.in.peek(true)
	if err != nil {
		return d.broken(err, "log.pages")
	}
	if c == ']' {
		d.in.advance(1)
		d.state = inLog
		return nil
	}
	field := fmt.Sprintf("log.pages[%d]", d.pages)
	d.pages++
	n, err := d.readSmall(field)
	if err != nil {
		return err
	}
	wrong := func(cause string) error {
		return &Error{Entry: -1, Field: field, Offset: n.off, Cause: cause}
	}
	if n.kind() != '{' {
		return wrong("is " + n.describe() + ", want an object")
	}
	p := parsePage(n)
	if p.ID == "" {
		return wrong("has no id, so that no entry can refer to it")
	}
	if d.pageText += pageCost + len(p.ID) + len(p.Title) + len(p.Comment); d.pageText > maxPageText {
		return wrong("is one page too many, all before it have " + sizeText(maxPageText) + " of text; it is left out")
	}
	if d.pagesDone {
		return nil
	}
	if d.byID == nil {
		d.byID = make(map[string]int)
	}
	if _, dup := d.byID[p.ID]; !dup {
		d.byID[p.ID] = len(d.log.Pages)
	}
	d.log.Pages = append(d.log.Pages, p)
	return nil
}

// readEntry reads one element of log.entries, or its end; ok tells which.
func (d *Decoder) readEntry() (e Entry, ok bool, err error) {
	c, err := d.in.peek(true)
	if err != nil {
		return Entry{}, false, d.broken(err, "log.entries")
	}
	if c == ']' {
		d.in.advance(1)
		d.state = inLog
		return Entry{}, false, nil
	}
	if d.headOnly {
		return Entry{}, false, d.skip("log.entries")
	}
	limit := d.MaxEntry
	if limit <= 0 {
		limit = DefaultMaxEntry
	}
	index := d.entries
	d.entries++
	fr, err := d.in.value(d.buf, limit)
	if cap(fr.raw) <= maxMeta {
		d.buf = fr.raw
	} else {
		d.buf = nil // the memory of a large entry is not kept
	}
	if err != nil {
		return Entry{}, false, d.broken(err, fmt.Sprintf("log.entries[%d]", index))
	}
	n, bad := d.check(fr, limit)
	if bad == nil {
		e, bad = parseEntry(n)
	}
	if bad != nil {
		return Entry{}, false, &Error{Entry: index, Field: bad.field, Offset: bad.off, Cause: bad.cause, Err: bad.err}
	}
	return e, true, nil
}

// readTail reads what follows the outermost object, and looks back at whether
// there was an archive in it.
func (d *Decoder) readTail() error {
	if !d.sawLog {
		return d.fatal("", "has no log, want a HAR file: {\"log\": {\"entries\": [...]}}")
	}
	if !d.sawEntries {
		return d.fatal("log", "has no list of entries, want {\"log\": {\"entries\": [...]}}")
	}
	c, err := d.in.peek(false)
	if errors.Is(err, io.EOF) {
		d.state = atEnd
		return nil
	}
	if err != nil {
		return d.broken(err, "")
	}
	return d.fatal("", fmt.Sprintf("goes on with %q after its object is closed, want one object; what follows is not read", c))
}

// readKey reads a key of the object named in, and its colon; or the object's
// end, with ok false.
func (d *Decoder) readKey(in string) (key string, ok bool, err error) {
	c, err := d.in.peek(true)
	if err != nil {
		return "", false, d.broken(err, in)
	}
	switch c {
	case '}':
		d.in.advance(1)
		return "", false, nil
	case '"':
	default:
		return "", false, d.fatal(in, fmt.Sprintf("goes on with %q, want a key in quotes; the rest is not read", c))
	}
	fr, err := d.in.value(nil, maxKey)
	if err != nil {
		return "", false, d.broken(err, in)
	}
	switch {
	case fr.fault == tooLarge:
		key = "…" // none of those that are looked for
	case fr.fault == cut:
		return "", false, d.broken(io.EOF, in)
	default:
		if !json.Valid(fr.raw) {
			return "", false, d.fatal(in, "has a key that is no JSON string; the rest is not read")
		}
		key = unquote(fr.raw)
	}
	c, err = d.in.peek(false)
	if err != nil {
		return "", false, d.broken(err, in)
	}
	if c != ':' {
		return "", false, d.fatal(in, fmt.Sprintf("goes on with %q after the key %q, want a colon; the rest is not read", c, shorten(key)))
	}
	d.in.advance(1)
	if _, err := d.in.peek(false); err != nil {
		return "", false, d.broken(err, in)
	}
	return key, true, nil
}

// skip reads a value and keeps nothing.
func (d *Decoder) skip(field string) error {
	if _, err := d.in.peek(false); err != nil {
		return d.broken(err, field)
	}
	fr, err := d.in.value(nil, 0)
	if err != nil {
		return d.broken(err, field)
	}
	if fr.fault == cut {
		return d.broken(io.EOF, field)
	}
	return nil
}

// readSmall reads a value of which Log keeps something.
func (d *Decoder) readSmall(field string) (node, error) {
	if _, err := d.in.peek(false); err != nil {
		return node{}, d.broken(err, field)
	}
	fr, err := d.in.value(nil, maxMeta)
	if err != nil {
		return node{}, d.broken(err, field)
	}
	n, bad := d.check(fr, maxMeta)
	if bad != nil {
		return node{}, &Error{Entry: -1, Field: field, Offset: bad.off, Cause: bad.cause, Err: bad.err}
	}
	return n, nil
}

// check makes a node of a frame that holds well-formed JSON.
func (d *Decoder) check(fr frame, limit int) (node, *fieldError) {
	bad := func(off int64, cause string) (node, *fieldError) {
		return node{}, &fieldError{off: off, cause: cause}
	}
	switch fr.fault {
	case tooLarge:
		return bad(fr.off, "is larger than "+sizeText(limit)+"; it is left out")
	case tooDeep:
		return bad(fr.off, fmt.Sprintf("is nested deeper than %d levels; it is left out", maxDepth))
	case cut:
		d.state = atEnd
		n, b := bad(fr.off, "is cut off: the file ends inside it")
		b.err = io.ErrUnexpectedEOF
		return n, b
	}
	if json.Valid(fr.raw) {
		return node{fr.raw, fr.off}, nil
	}
	off := fr.off
	cause := "an unknown fault"
	var syntax *json.SyntaxError
	if err := json.Unmarshal(fr.raw, new(json.RawMessage)); errors.As(err, &syntax) {
		off += max(syntax.Offset-1, 0)
		cause = syntax.Error()
	}
	return bad(off, "is not JSON: "+cause)
}

// fatal ends reading with an error about the place where reading stands.
func (d *Decoder) fatal(field, cause string) error {
	d.state = atEnd
	return &Error{Entry: -1, Field: field, Offset: d.in.off, Cause: cause}
}

// broken ends reading because the reader gave an error, io.EOF included.
func (d *Decoder) broken(err error, field string) error {
	e := &Error{Entry: -1, Field: field, Offset: d.in.off, Cause: err.Error(), Err: err}
	if errors.Is(err, io.EOF) {
		e.Err = io.ErrUnexpectedEOF
		e.Cause = "the file ends before this is closed"
		if !d.sawEntries {
			e.Cause += ", and no log.entries came before; want a HAR file: {\"log\": {\"entries\": [...]}}"
		}
	}
	d.state = atEnd
	return e
}

// keyText is a key of the file as errors show it, on one line.
func keyText(key string) string {
	key = shorten(key)
	if quoted := strconv.Quote(key); quoted[1:len(quoted)-1] != key {
		return quoted
	}
	return key
}

func sizeText(bytes int) string {
	if bytes >= 1<<20 && bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d bytes", bytes)
}
