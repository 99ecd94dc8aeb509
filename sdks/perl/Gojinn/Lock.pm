package Gojinn::Lock;

# A lock of the function's tenant, which ends by itself.
use strict;
use warnings;

# Takes a lock for `ttl` seconds (60), waiting for it up to `wait` (0). Error: conflict when somebody has it.
sub acquire {
    my ($class, $name, %options) = @_;
    my $answer = Gojinn::Host->call('lock.acquire', name => $name, ttl => 60, wait => 0, %options);
    return bless { %$answer, name => $name }, $class;
}

# Runs code while the lock is held; what that returns.
sub with {
    my ($class, $name, $code, %options) = @_;
    my $lock = $class->acquire($name, %options);
    my @result;
    my $done = eval { @result = $code->($lock); 1 };
    my $error = $@;
    $lock->release;
    die $error if !$done;
    return wantarray ? @result : $result[0];
}

# Makes it last some seconds (60) from now. Error: conflict when it has been lost.
sub renew {
    my ($self, $ttl) = @_;
    my %request = (name => $self->{name}, owner => $self->{owner}, ttl => $ttl // 60);
    $self->{ttl} = Gojinn::Host->call('lock.renew', %request)->{ttl};
    return $self;
}

# Gives it back. Error: conflict when it was lost.
sub release {
    my ($self) = @_;
    Gojinn::Host->call('lock.release', name => $self->{name}, owner => $self->{owner});
    return;
}

sub name { my ($self) = @_; return $self->{name} }

# A secret by which any function of the tenant may renew or release it.
sub owner { my ($self) = @_; return $self->{owner} }

# Higher than that of whoever had the lock before.
sub token { my ($self) = @_; return $self->{token} }

# Seconds for which it was given.
sub ttl { my ($self) = @_; return $self->{ttl} }

1;
