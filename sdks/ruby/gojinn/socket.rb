# frozen_string_literal: true

# Stands for Ruby's own `socket`, which a sandbox has not: what libraries name of it is here, and says so when it is used.

class SocketError < StandardError
end

class BasicSocket
  def self.refuse(*, **)
    raise SocketError, "there are no sockets in a sandbox: ask other servers by Net::HTTP or Gojinn::HTTP"
  end

  class << self
    %i[new open for_fd].each { |name| alias_method name, :refuse }
  end
end

class Socket < BasicSocket
  AF_INET = PF_INET = 2
  AF_INET6 = PF_INET6 = 10
  AF_UNSPEC = 0
  SOCK_STREAM = 1
  SOCK_DGRAM = 2
  SOL_SOCKET = 1
  SO_KEEPALIVE = 9
  IPPROTO_TCP = 6
  TCP_NODELAY = 1
  ResolutionError = Class.new(SocketError)

  def self.gethostname = "localhost"

  class << self
    %i[tcp unix udp_server_sockets tcp_server_sockets getaddrinfo].each { |name| alias_method name, :refuse }
  end
end

class IPSocket < BasicSocket
  class << self
    alias getaddress refuse
  end
end

class TCPSocket < IPSocket
  class << self
    alias gethostbyname refuse
  end
end

class TCPServer < TCPSocket
end

class UDPSocket < IPSocket
end

class UNIXSocket < BasicSocket
end

class UNIXServer < UNIXSocket
end

class Addrinfo
  class << self
    def tcp(*) = BasicSocket.refuse
    alias udp tcp
    alias getaddrinfo tcp
  end
end
