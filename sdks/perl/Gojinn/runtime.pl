# What the image of the interpreter calls: loading a function's files once, serving each request. The image
# evaluates this with the bundle, as JSON {"main", "files": {name: text}}, in $main::bundle. ASCII only.
package main;

# Runs a text outside of what is visible below.
sub Gojinn::evaluate { eval $_[0]; die $@ if $@; return }

package Gojinn;
use strict;
use warnings;

my $LOADING = 5;        # seconds that it may take
my $DEEPEST = 5000;     # calls in each other
my $FAILED = '{"status":500,"headers":{"content-type":["application/problem+json"]},'
    . '"body":"{\"title\":\"the function failed\",\"status\":500}"}';
our $loading = 1;
my (%texts, @roots, $handler);

# Writes to the function's log: 0 debug to 3 error.
sub note { my ($level, $text) = @_; native("l$level$text"); return }

# What an exception looks like in the log.
sub told {
    my ($error) = @_;
    my $text = eval {"$error"} // 'an error that cannot be shown';
    $text =~ s/^(?:Compilation failed in require|BEGIN failed--compilation aborted) at Gojinn\b[^\n]*\n//mg;
    $text =~ s/\s+\z//;
    return length $text ? substr($text, 0, 10_000) : 'an error without a message';
}

# The place in the function's own files from which we are called.
sub place {
    for (my $level = 1; my (undef, $file, $line) = caller $level; $level++) {
        return "at $file line $line" if $file !~ m{\A(?:Gojinn\b|HTTP/Tiny[.]pm\z|/zeroperl/|\(eval|-)};
    }
    return 'at its end';
}

# Finds the function's files for `require` and `use`: in its folder, in `lib`, in what lies below `vendor`.
sub found {
    my (undef, $name) = @_;
    for my $path (map {"$_$name"} @roots) {
        next if !exists $texts{$path};
        my $text = source($path);
        open my $handle, '<', \$text or die "cannot read $path: $!";
        $INC{$name} = $path;
        return $handle;
    }
    return;
}

# A file's text as bytes, in which literals are characters, with the lines that its author knows.
sub source {
    my ($path) = @_;
    my $text = qq{use utf8;\n#line 1 "$path"\n$texts{$path}};
    utf8::encode($text);
    return $text;
}

# Loads the function. Ends the build with the reason where that fails.
sub begin {
    my ($bundle) = @_;
    my ($json) = $bundle =~ m{"Gojinn/JSON[.]pm": "((?:[^"\\]|\\.)*)"}s;
    $json =~ s/\\(.)/$1 eq 'n' ? "\n" : $1 eq 't' ? "\t" : $1/ges;
    eval qq{#line 1 "Gojinn/JSON.pm"\n$json} or die $@;
    $INC{'Gojinn/JSON.pm'} = 'Gojinn/JSON.pm';
    my $given = Gojinn::JSON::decode($bundle);
    %texts = %{ $given->{files} };
    my %seen;
    @roots = ('', 'lib/', grep { !$seen{$_}++ } map { m{\A(vendor/(?:.*/)?lib/(?:perl5/)?)} ? $1 : () } sort keys %texts);
    unshift @INC, \&found;
    tie *STDOUT, 'Gojinn::Output';
    tie *STDERR, 'Gojinn::Output';
    local $SIG{__WARN__} = sub { note(2, told($_[0])) };
    my $done = eval {
        require Gojinn;
        watched(sub { evaluate(source($given->{main})) });
        $handler = main->can('handle')
            or die qq{there is no function 'handle', expected 'sub handle { my (\$request) = \@_; ... }' in $given->{main}\n};
        1;
    };
    if (!$done) {
        note(3, told($@));
        native('x1');
    }
    $loading = 0;
    return;
}

# Runs what loads the function, which gets an exception where it is when that takes too long.
sub watched {
    my ($action) = @_;
    my ($count, $over) = (0, time + $LOADING);
    no warnings 'once';
    local *DB::DB = sub {
        return if ++$count & 255;
        die "loading takes more than $LOADING s: is there an endless loop? " . place() . "\n" if time > $over;
        die 'more than ' . $DEEPEST . ' calls in each other: is there an endless recursion? ' . place() . "\n"
            if caller $DEEPEST;
    };
    $DB::trace = 1;
    $^P = 0x02;
    my $done = eval { $action->(); 1 };
    my $error = $@;
    $^P = 0;
    $DB::trace = 0;
    die $error if !$done;
    return;
}

# Answers one request.
sub serve {
    srand;
    for my $entry (split /\0/, native('e')) {
        my ($name, $value) = split /=/, $entry, 2;
        $ENV{$name} = $value;
    }
    native('w' . answer(native('r')));
    return;
}

sub answer {
    my ($text) = @_;
    local $SIG{__WARN__} = sub { note(2, told($_[0])) };
    my $answer = eval {
        my $response = $handler->(Gojinn::Request->new(Gojinn::JSON::decode($text)));
        die "'handle' returned " . shown($response) . ', expected a Response: write ' . meant($response) . "\n"
            if !ref $response || !eval { $response->isa('Gojinn::Response') };
        $response->envelope;
    };
    return $answer if defined $answer;
    note(3, told($@));
    return $FAILED;
}

# What makes a response of a value that is none.
sub meant {
    my ($value) = @_;
    return 'return Response->' . (ref $value ? 'json($value)' : defined $value ? 'text($text)' : 'empty');
}

# A value in a message.
sub shown {
    my ($value) = @_;
    return 'undef' if !defined $value;
    return ref $value ? 'a reference to ' . ref $value : q{'} . substr($value, 0, 40) . q{'};
}

# Takes the place of STDOUT and STDERR: lines go to the log.
package Gojinn::Output;

sub TIEHANDLE { my ($class) = @_; return bless {}, $class }
sub PRINT { my ($self, @texts) = @_; return $self->WRITE(join($, // '', @texts)) }
sub PRINTF { my ($self, $format, @values) = @_; return $self->WRITE(sprintf $format, @values) }
sub WRITE { my (undef, $text) = @_; Gojinn::note(1, $_) for split /\n/, $text; return length $text }
sub FILENO { return 2 }
sub BINMODE { return 1 }
sub CLOSE { return 1 }

package main;

BEGIN {
    *CORE::GLOBAL::exit = sub { die "the function called 'exit', which ends nothing here, " . Gojinn::place() . "\n" };
}
Gojinn::begin($main::bundle);
undef $main::bundle;
1;
